package io.inmesh.servlet;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.CurrentCall;
import io.inmesh.driver.Answer;
import io.inmesh.driver.ServedCall;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.MeshServices;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Inbound policy in any Servlet 6.1 container; to be the first filter of each context, for all
 * dispatches of type REQUEST, with asynchronous support. Ends no TLS: under a server adapter that
 * does, the connection is taken from the attribute {@value #CONNECTION}. A request that such an
 * adapter has passed through the mesh already goes on as it is.
 *
 * <p>Two things only a server's own adapter can do: a path that normalisation changed is shown to
 * policy and the application, but the container has chosen the servlet by then; and a time-out is
 * answered when the application next touches its response, not while it computes.
 */
public final class MeshFilter implements Filter {
  /** Attribute with the {@link Connection} that brought the request. */
  public static final String CONNECTION = "io.inmesh.connection";

  /** Attribute with the peer's SPIFFE URI, a String; absent without mTLS. */
  public static final String PEER = "io.inmesh.peer";

  /** Attribute with the {@link CallContext}, for threads of the application's own. */
  public static final String CONTEXT = "io.inmesh.context";

  private final MeshServices services;

  public MeshFilter(MeshServices services) {
    this.services = services;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse answer
        && request.getAttribute(CONTEXT) == null) {
      serve(http, answer, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private void serve(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Connection from = connection(request);
    RequestHead head = ServletHeads.request(request);
    ServedCall served = new ServedCall(services.drivers(), answer -> {});
    Call call =
        services
            .calls()
            .inbound(
                head,
                BodyTraits.ONE_SHOT,
                from,
                Capabilities.BASIC,
                served.waker(),
                services.drivers().nanos().getAsLong());
    call.requestBytes(Math.max(0, request.getContentLengthLong()));
    Answer answer = served.admit(call);
    if (answer != null) {
      ServletHeads.write(answer, response);
      return;
    }
    String peer = from.peer();
    if (peer != null) {
      request.setAttribute(PEER, peer);
    }
    request.setAttribute(CONNECTION, from);
    request.setAttribute(CONTEXT, call.context());
    MeshResponse seen = new MeshResponse(response, served, call, call.wantsResponse());
    try (CurrentCall.Scope scope = CurrentCall.enter(call.context())) {
      chain.doFilter(new MeshRequest(request, head), seen);
    } catch (IOException | ServletException | RuntimeException e) {
      // the container answers for the application, on the response without us
      seen.passHead(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
      served.end(null);
      throw e;
    }
    if (request.isAsyncStarted()) {
      request.getAsyncContext().addListener(new EndOfAsync(served, seen));
    } else {
      seen.finish();
      served.end(null);
    }
  }

  private static Connection connection(HttpServletRequest request) {
    return request.getAttribute(CONNECTION) instanceof Connection known
        ? known
        : Connection.plaintext(
            request.getLocalAddr(),
            request.getLocalPort(),
            request.getRemoteAddr(),
            request.getRemotePort());
  }
}
