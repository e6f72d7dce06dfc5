package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.CurrentCall;
import io.inmesh.driver.Answer;
import io.inmesh.driver.ServedCall;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request on its way through the mesh to the application and back. The application may answer
 * from any thread, also long after its handler has returned.
 */
final class ServedExchange {
  private final MeshServices services;
  private final RunningRequests running;
  private final HttpExchange exchange;
  private final MeshEngine engine;
  private final Connection from;
  private final RequestHead head;
  private final Call call;
  private final ServedCall served;
  private long written;
  private final AtomicBoolean headPassed = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();

  ServedExchange(
      MeshServices services, RunningRequests running, HttpExchange exchange, MeshEngine engine) {
    this.services = services;
    this.running = running;
    this.exchange = exchange;
    this.engine = engine;
    this.from = engine.connection(exchange.getLocalAddress(), exchange.getRemoteAddress());
    this.head = Heads.request(exchange);
    this.served = new ServedCall(services.drivers(), this::answerLate);
    this.call =
        services
            .calls()
            .inbound(
                head,
                hasBody() ? BodyTraits.ONE_SHOT : BodyTraits.NONE,
                from,
                Capabilities.BASIC,
                served.waker(),
                services.drivers().nanos().getAsLong());
  }

  /** As the caller says it; a body in chunks is not counted. */
  private long length() {
    try {
      String length = head.header("content-length");
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private boolean hasBody() {
    String length = head.header("content-length");
    return head.headers().contains("transfer-encoding") || (length != null && !length.equals("0"));
  }

  RequestHead head() {
    return head;
  }

  Connection from() {
    return from;
  }

  CallContext context() {
    return call.context();
  }

  void serve(Contexts contexts) throws IOException {
    if (!services.inbound().trusted(from)) {
      write(403, "inmesh: the trust roots that this connection was verified with are withdrawn");
      return;
    }
    if (head.path().startsWith("//")) {
      // java.net.URI takes the first segment for a host: policy and handlers would differ
      write(
          400, "inmesh: the JDK's HttpServer cannot tell a handler of a path that begins with //");
      return;
    }
    call.requestBytes(length());
    Answer answer = served.admit(call);
    if (answer != null) {
      Heads.write(answer, last(), exchange);
      return;
    }
    running.begin();
    MeshContext context = contexts.find(head.path().substring(0, head.pathLength()));
    MeshExchange seen = new MeshExchange(exchange, this, context);
    try (CurrentCall.Scope scope = CurrentCall.enter(call.context())) {
      if (context == null) {
        seen.sendResponseHeaders(404, -1);
      } else if (!context.serve(seen)) {
        MeshHttpServer.LOG.atError().log("the context {} has no handler", context.getPath());
        seen.sendResponseHeaders(500, -1);
      }
    } catch (IOException | RuntimeException e) {
      defect(e, seen);
    } catch (Error e) {
      defect(e, seen);
      throw e;
    }
  }

  /** The JDK's server would close the connection without a word, here or in the log. */
  private void defect(Throwable e, MeshExchange seen) throws IOException {
    if (over.get()) {
      return;
    }
    MeshHttpServer.LOG
        .atError()
        .addKeyValue("path", head.path())
        .setCause(e)
        .log("a handler failed");
    if (headPassed.get()) {
      breakOff();
    } else {
      seen.sendResponseHeaders(500, -1);
    }
  }

  private void write(int status, String body) throws IOException {
    io.inmesh.http.Headers type = io.inmesh.http.Headers.of("content-type", "text/plain");
    Heads.write(new Answer(new ResponseHead(status, type), body, null), true, exchange);
  }

  /** Whether the connection is to end with this response. */
  private boolean last() {
    return services.draining() || !services.inbound().trusted(from);
  }

  /**
   * The application's head; the body may follow.
   *
   * @param fields the application's
   * @param length as {@link HttpExchange#sendResponseHeaders} has it
   */
  void respond(int status, Headers fields, long length) throws IOException {
    if (!headPassed.compareAndSet(false, true)) {
      throw new IOException("headers already sent");
    }
    boolean whole = call.wantsResponse();
    ResponseHead answer =
        new ResponseHead(status, whole ? Heads.copy(fields) : new io.inmesh.http.Headers(5));
    if (!served.respond(answer)) {
      throw new IOException("the mesh has answered this request already");
    }
    Headers sent = exchange.getResponseHeaders();
    sent.clear();
    if (whole) {
      Heads.add(answer.headers(), sent);
    } else {
      sent.putAll(fields);
      Heads.set(answer.headers(), sent);
    }
    if (last()) {
      sent.set("Connection", "close");
    }
    try {
      exchange.sendResponseHeaders(answer.status(), length);
    } catch (IOException e) {
      gone();
      throw e;
    }
  }

  boolean headPassed() {
    return headPassed.get();
  }

  /**
   * Before each part of the body.
   *
   * @throws IOException the mesh has given the response up
   */
  void check() throws IOException {
    if (served.aborted()) {
      breakOff();
      throw new IOException("the mesh has given up this response");
    }
  }

  /** Bytes of the response's body; one thread at a time. */
  void wrote(int bytes) {
    written += bytes;
    call.responseBytes(written);
  }

  void end() {
    if (finish()) {
      served.end(null);
    }
  }

  void gone() {
    if (finish()) {
      served.gone();
    }
  }

  /** The response cannot be completed; the caller must not take it for whole. */
  void breakOff() {
    if (!headPassed.get()) {
      served.failed("the application gave no response"); // answerLate follows
      return;
    }
    engine.breakOff();
    exchange.close();
    if (finish()) {
      served.failed("the application broke its response off");
    }
  }

  private boolean finish() {
    if (over.compareAndSet(false, true)) {
      running.end();
      return true;
    }
    return false;
  }

  /** The application is too slow, or gave up without an answer; the caller is told now. */
  private void answerLate(Answer answer) {
    try {
      exchange.getResponseHeaders().clear();
      Heads.write(answer, true, exchange);
    } catch (IOException e) {
      exchange.close();
    } finally {
      finish();
    }
  }
}
