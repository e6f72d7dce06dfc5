package io.inmesh.tomcat;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.driver.Answer;
import io.inmesh.driver.ServedCall;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import io.inmesh.servlet.MeshFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.AbstractProcessor;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ActionHook;
import org.apache.coyote.CloseNowException;
import org.apache.coyote.MeshHooks;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the mesh to the application and back. Once dispatched it stands
 * between the response and its processor, so that the head passes the mesh when it is committed,
 * whoever commits it: a servlet, an asynchronous thread, an error page.
 */
final class ServedRequest implements ActionHook {
  private final MeshServices services;
  private final RunningRequests requests;
  private final SocketWrapperBase<?> socket;
  private final Connection from;
  private final Request request;
  private final Response response;
  private final ActionHook processor;
  private final ServedCall served;
  private final RequestHead head;
  private final String pathBefore;
  private final Call call;
  private boolean headPassed;
  private boolean over;

  ServedRequest(
      MeshServices services,
      RunningRequests requests,
      SocketWrapperBase<?> socket,
      Connection from,
      Request request,
      Response response) {
    this.services = services;
    this.requests = requests;
    this.socket = socket;
    this.from = from;
    this.request = request;
    this.response = response;
    this.processor = MeshHooks.of(response);
    this.served = new ServedCall(services.drivers(), this::answerLate);
    this.head = Heads.request(request);
    this.pathBefore = head.path();
    this.call =
        services
            .calls()
            .inbound(
                head,
                body(),
                from,
                Capabilities.BASIC,
                served.waker(),
                services.drivers().nanos().getAsLong());
  }

  private BodyTraits body() {
    long length = request.getContentLengthLong();
    boolean present = length > 0 || (length < 0 && head.headers().contains("transfer-encoding"));
    return present ? BodyTraits.ONE_SHOT : BodyTraits.NONE;
  }

  CallContext context() {
    return call.context();
  }

  /** False: the mesh has answered; the application never hears of the request. */
  boolean admit() throws IOException {
    if (!services.inbound().trusted(from)) {
      refuseConnection();
      return false;
    }
    Answer answer = served.admit(call);
    if (answer != null) {
      write(answer.head(), answer.body());
      return false;
    }
    Heads.apply(head, pathBefore, request);
    request.setAttribute(MeshFilter.CONNECTION, from);
    request.setAttribute(MeshFilter.CONTEXT, call.context());
    String peer = from.peer();
    if (peer != null) {
      request.setAttribute(MeshFilter.PEER, peer);
    }
    requests.begin();
    MeshHooks.set(response, this);
    return true;
  }

  /** The roots that vouched for the peer are gone, and with them the connection. */
  private void refuseConnection() throws IOException {
    Headers headers = Headers.of("content-type", "text/plain");
    write(
        new ResponseHead(403, headers),
        "inmesh: the trust roots that this connection was verified with are withdrawn");
    goAway(true);
  }

  private void write(ResponseHead answer, String body) throws IOException {
    response.setStatus(answer.status());
    Headers headers = answer.headers();
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.name(i).equals("content-length")) {
        response.getMimeHeaders().addValue(headers.name(i)).setString(headers.value(i));
      }
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setContentLength(bytes.length);
    goAway(!services.inbound().trusted(from));
    if (bytes.length > 0) {
      response.doWrite(ByteBuffer.wrap(bytes));
    }
    response.action(ActionCode.CLOSE, null);
  }

  /** Before the head is written: the last on its connection, if that is to end. */
  private void goAway(boolean distrusted) {
    if (!distrusted && !services.draining()) {
      return;
    }
    if (head.protocol() != Protocol.HTTP2) {
      response.getMimeHeaders().setValue("connection").setString("close");
    } else if (socket.getCurrentProcessor() instanceof org.apache.coyote.Processor upgraded) {
      upgraded.pause();
    }
  }

  // ---- between response and processor

  @Override
  public void action(ActionCode code, @Nullable Object param) {
    switch (code) {
      case COMMIT, CLIENT_FLUSH -> {
        if (!passHead()) {
          ServedRequest.<RuntimeException>raise(
              new CloseNowException("the mesh has answered this request already"));
        }
        processor.action(code, param);
      }
      case CLOSE -> {
        if (passHead()) {
          processor.action(code, param);
          end();
        } else {
          processor.action(ActionCode.CLOSE_NOW, null);
        }
      }
      case CLOSE_NOW -> {
        boolean gone = !over && callerGone();
        processor.action(code, param);
        fail(gone);
      }
      default -> processor.action(code, param);
    }
  }

  /** False: somebody else has answered. */
  private boolean passHead() {
    if (headPassed) {
      return !served.answeredLate();
    }
    headPassed = true;
    boolean whole = call.wantsResponse();
    ResponseHead answer = Heads.response(response, whole);
    if (!served.respond(answer)) {
      return false;
    }
    Heads.apply(answer, response, whole);
    goAway(false);
    return true;
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    tellBytes();
    if (callerGone()) {
      served.gone();
    } else {
      served.end(null);
    }
  }

  private void tellBytes() {
    call.requestBytes(Math.max(0, request.getBytesRead()));
    call.responseBytes(Math.max(0, response.getContentWritten()));
  }

  /** A write failed, or the connection or stream was found closed: not the application's doing. */
  private boolean callerGone() {
    if (response.getErrorException() instanceof IOException
        || (socket.getSocket() instanceof MeshChannel channel && channel.broken())) {
      return true;
    }
    AtomicBoolean open = new AtomicBoolean();
    processor.action(ActionCode.IS_IO_ALLOWED, open);
    return !open.get();
  }

  private void fail(boolean callerGone) {
    if (over) {
      return;
    }
    over = true;
    tellBytes();
    if (headPassed && !callerGone) {
      served.failed("the application's response was broken off");
    } else {
      served.gone();
    }
  }

  /** Tomcat's exceptions of I/O are checked, its hooks declare none. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void raise(Throwable exception) throws E {
    throw (E) exception;
  }

  /** Whether another thread or a later event will finish the request. */
  boolean goesOn() {
    return !over && processor instanceof AbstractProcessor known && known.isAsync();
  }

  /** The container is done with the request. */
  void leave() {
    if (!over) {
      fail(callerGone());
    }
    MeshHooks.set(response, processor);
    requests.end();
  }

  /** The application is too slow; the caller is told while it still works. */
  private void answerLate(Answer answer) {
    try {
      LateAnswers.write(socket, request, head, answer);
    } catch (IOException e) {
      socket.close();
    }
  }
}
