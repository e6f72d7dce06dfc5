package io.inmesh.call;

import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Host;
import org.jspecify.annotations.Nullable;

/** What a driver is to do. Carried out in order; nothing here blocks the call. */
public sealed interface Command {
  /**
   * Send the request to that host.
   *
   * @param attempt number that its events carry
   * @param head what to send; the driver owns it
   * @param background another attempt may be started while this one runs (hedging): do not hold the
   *     driver's thread with it
   */
  record Start(int attempt, Host host, Wire wire, RequestHead head, boolean background)
      implements Command {}

  /**
   * Send a copy and throw the answer away; events with this number are reported as for attempts.
   * Never waited for.
   */
  record Mirror(int attempt, Host host, Wire wire, RequestHead head) implements Command {}

  /** Stop that attempt; its later events are ignored. */
  record Cancel(int attempt, String why) implements Command {}

  /** Inbound: hand the request to the application. */
  record Dispatch(RequestHead head) implements Command {}

  /**
   * Give this attempt's (inbound, 0: the application's) response to the caller. From here on there
   * is no retry.
   */
  record Respond(int attempt, ResponseHead head, boolean end) implements Command {}

  /** Trailers to give to the caller, edited. */
  record Trailers(Headers trailers) implements Command {}

  /** Answer the caller with this; no attempt has responded. The body is UTF-8 text. */
  record Reply(ResponseHead head, String body, @Nullable Headers trailers) implements Command {}

  /** After Respond: break the response off, since it cannot be completed. */
  record Abort(String why) implements Command {}

  /** Nothing follows; {@link Call#outcome()} is final. */
  record Done() implements Command {
    static final Done INSTANCE = new Done();
  }
}
