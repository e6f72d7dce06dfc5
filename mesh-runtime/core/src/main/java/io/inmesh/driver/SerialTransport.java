package io.inmesh.driver;

import io.inmesh.call.Command;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * What an event-loop adapter carries out for one call, always on the loop, never blocking. What
 * comes of it is told to {@link SerialDriver#event}.
 */
public interface SerialTransport {
  /** Opens an attempt; the request body comes from a {@link ReplayBuffer}. */
  default void start(Command.Start start) {
    throw new UnsupportedOperationException("not an outbound adapter");
  }

  default void mirror(Command.Mirror mirror) {
    throw new UnsupportedOperationException("not an outbound adapter");
  }

  default void cancel(int attempt, String why) {
    throw new UnsupportedOperationException("not an outbound adapter");
  }

  /** Inbound: hands the request to the application. */
  default void dispatch(RequestHead head) {
    throw new UnsupportedOperationException("not an inbound adapter");
  }

  /**
   * Gives the response of that attempt (inbound: the application's, 0) to the caller and relays its
   * body.
   */
  void respond(int attempt, ResponseHead head, boolean end);

  void trailers(Headers trailers);

  void reply(ResponseHead head, String body, @Nullable Headers trailers);

  /** Breaks off a response that was begun. */
  void abort(String why);

  /** Nothing follows. */
  default void done() {}
}
