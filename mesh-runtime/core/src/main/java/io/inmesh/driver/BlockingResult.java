package io.inmesh.driver;

import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/** What a blocking call came to. */
public sealed interface BlockingResult {
  /**
   * The exchange's response, with the head as the caller shall see it; the body is read through the
   * relay.
   */
  record Relayed(Exchange exchange, ResponseHead head, Relay relay) implements BlockingResult {}

  /** An answer of the mesh itself. */
  record Replied(ResponseHead head, String body, @Nullable Headers trailers)
      implements BlockingResult {}
}
