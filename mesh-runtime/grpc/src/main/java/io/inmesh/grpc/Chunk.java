package io.inmesh.grpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A request message that may be sent by several attempts. One whose marshaller knows its length is
 * marshalled by each attempt, as grpc-java's own retries do; others are kept as bytes.
 */
final class Chunk {
  static final MethodDescriptor.Marshaller<Chunk> MARSHALLER =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Chunk value) {
          return value.stream();
        }

        @Override
        public Chunk parse(InputStream stream) {
          throw new UnsupportedOperationException("a request");
        }
      };

  final int size;
  final boolean compressed;
  private final @Nullable Again again;
  private final byte @Nullable [] bytes;
  private @Nullable InputStream first;

  private interface Again {
    InputStream marshal();
  }

  private Chunk(
      int size,
      boolean compressed,
      @Nullable Again again,
      byte @Nullable [] bytes,
      @Nullable InputStream first) {
    this.size = size;
    this.compressed = compressed;
    this.again = again;
    this.bytes = bytes;
    this.first = first;
  }

  static <Q> Chunk of(MethodDescriptor<Q, ?> method, Q message, boolean compressed)
      throws IOException {
    InputStream stream = method.streamRequest(message);
    if (stream instanceof KnownLength) {
      return new Chunk(
          stream.available(), compressed, () -> method.streamRequest(message), null, stream);
    }
    try (stream) {
      byte[] bytes = stream.readAllBytes();
      return new Chunk(bytes.length, compressed, null, bytes, null);
    }
  }

  /** In the call's loop. */
  InputStream stream() {
    InputStream made = first;
    if (made != null) {
      first = null;
      return made;
    }
    Again marshaller = again;
    if (marshaller != null) {
      return marshaller.marshal();
    }
    return new ByteArrayInputStream(bytes == null ? new byte[0] : bytes);
  }
}
