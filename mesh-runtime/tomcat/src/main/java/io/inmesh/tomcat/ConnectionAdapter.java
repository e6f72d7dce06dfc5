package io.inmesh.tomcat;

import io.inmesh.call.CurrentCall;
import io.inmesh.http.Connection;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import java.io.IOException;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a connection and Tomcat's container: policy sees every request here, before its
 * path is mapped, be it of a servlet, a static file or nothing.
 */
final class ConnectionAdapter implements Adapter {
  /** Tomcat's own notes are the first few; free since then. */
  private static final int NOTE = 27;

  private final Adapter tomcats;
  private final MeshServices services;
  private final RunningRequests requests;
  private @Nullable SocketWrapperBase<?> socket;
  private @Nullable Connection connection;

  ConnectionAdapter(Adapter tomcats, MeshServices services, RunningRequests requests) {
    this.tomcats = tomcats;
    this.services = services;
    this.requests = requests;
  }

  Adapter tomcats() {
    return tomcats;
  }

  /** From now on requests come from that connection. */
  void connected(SocketWrapperBase<?> from) {
    socket = from;
    connection = from.getSocket() instanceof MeshChannel channel ? channel.connection() : null;
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    SocketWrapperBase<?> by = socket;
    Connection from = connection;
    if (by == null || from == null) {
      throw new IOException("the connection was closed before its request was read");
    }
    if (request.getMethod() == null) { // not HTTP at all: Tomcat has its answer ready
      response.setStatus(400);
      tomcats.log(request, response, System.nanoTime() - request.getStartTimeNanos());
      return;
    }
    ServedRequest served = new ServedRequest(services, requests, by, from, request, response);
    if (!served.admit()) {
      tomcats.log(request, response, System.nanoTime() - request.getStartTimeNanos());
      return;
    }
    request.setNote(NOTE, served);
    try (CurrentCall.Scope scope = CurrentCall.enter(served.context())) {
      tomcats.service(request, response);
    } finally {
      settle(request, served);
    }
  }

  @Override
  public boolean asyncDispatch(Request request, Response response, SocketEvent status)
      throws Exception {
    if (!(request.getNote(NOTE) instanceof ServedRequest served)) {
      return tomcats.asyncDispatch(request, response, status);
    }
    try (CurrentCall.Scope scope = CurrentCall.enter(served.context())) {
      return tomcats.asyncDispatch(request, response, status);
    } finally {
      settle(request, served);
    }
  }

  private static void settle(Request request, ServedRequest served) {
    if (!served.goesOn()) {
      request.setNote(NOTE, null);
      served.leave();
    }
  }

  @Override
  public boolean prepare(Request request, Response response) throws Exception {
    return tomcats.prepare(request, response);
  }

  @Override
  public void log(Request request, Response response, long time) {
    tomcats.log(request, response, time);
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    tomcats.checkRecycled(request, response);
  }

  @Override
  public String getDomain() {
    return tomcats.getDomain();
  }
}
