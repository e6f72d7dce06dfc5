package io.inmesh.conformance.serial;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the application behind a {@link SerialCall} is told, on the loop. */
interface Caller {
  void head(ResponseHead head);

  /** Owns the buffer. */
  void data(ByteBuf data);

  void end(@Nullable Headers trailers);

  void failed(IOException why);

  /** The request may be written again. */
  default void writable() {}
}
