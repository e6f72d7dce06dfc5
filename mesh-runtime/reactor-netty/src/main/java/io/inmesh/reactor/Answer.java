package io.inmesh.reactor;

import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What a call came to.
 *
 * @param body read once; who gets a buffer lets it go
 * @param trailers once the body was read to its end
 */
record Answer(ResponseHead head, Flux<ByteBuf> body, Supplier<@Nullable Headers> trailers) {
  /** Nobody will read the body, unless somebody does already. */
  void abandon() {
    if (body instanceof ResponseBody relayed) {
      relayed.abandon();
    }
  }
}
