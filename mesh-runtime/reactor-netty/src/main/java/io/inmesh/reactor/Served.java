package io.inmesh.reactor;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Event;
import io.inmesh.driver.Answer;
import io.inmesh.driver.SerialDriver;
import io.inmesh.driver.SerialTransport;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import org.jspecify.annotations.Nullable;

/** The mesh's part of one served request. On the channel's event loop. */
final class Served implements SerialTransport {
  enum State {
    /** A filter has not decided yet. */
    WAITING,
    /** The application has it. */
    DISPATCHED,
    /** The application's response may be written. */
    RESPONDED,
    /** The mesh has answered. */
    ANSWERED
  }

  /** Who carries out what the call wants. */
  interface Gatekeeper {
    void dispatched();

    void responded(ResponseHead head);

    /** The mesh's answer; the application has the request if {@code late}. */
    void answered(Answer answer, boolean late);

    /** The response that was begun must be broken off. */
    void aborted();
  }

  private final SerialDriver driver;
  private final Gatekeeper gate;
  private final RequestHead head;
  private final Call call;
  private State state = State.WAITING;

  Served(
      MeshServices services,
      java.util.concurrent.Executor loop,
      Gatekeeper gate,
      RequestHead head,
      BodyTraits body,
      Connection from) {
    this.gate = gate;
    this.head = head;
    this.driver = new SerialDriver(services.drivers(), loop, this);
    this.call =
        services
            .calls()
            .inbound(
                head,
                body,
                from,
                Capabilities.BASIC,
                driver,
                services.drivers().nanos().getAsLong());
  }

  void start() {
    driver.start(call);
  }

  State state() {
    return state;
  }

  /** As the call left it, once dispatched. */
  RequestHead head() {
    return head;
  }

  CallContext context() {
    return call.context();
  }

  boolean wantsResponse() {
    return call.wantsResponse();
  }

  void event(Event event) {
    driver.event(event);
  }

  // ---- SerialTransport

  @Override
  public void dispatch(RequestHead edited) {
    state = State.DISPATCHED;
    gate.dispatched();
  }

  @Override
  public void respond(int attempt, ResponseHead edited, boolean end) {
    state = State.RESPONDED;
    gate.responded(edited);
  }

  @Override
  public void reply(ResponseHead answer, String text, @Nullable Headers trailers) {
    boolean late = state != State.WAITING;
    state = State.ANSWERED;
    gate.answered(new Answer(answer, text, trailers), late);
  }

  @Override
  public void trailers(Headers trailers) {
    // the application's own, as they are
  }

  @Override
  public void abort(String why) {
    gate.aborted();
  }
}
