package io.inmesh.conformance;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A meshed HTTP client, as the contract uses it. Each method may be called by any thread. */
public interface ClientUnderTest extends AutoCloseable {
  /** Blocks until the whole response was read; a body that breaks off is an IOException. */
  Answered call(Asked request) throws IOException;

  /** The same, elsewhere. */
  Running start(Asked request);

  /** Whether callers of this library can see response trailers. */
  default boolean trailers() {
    return true;
  }

  /** Whether it can speak TLS; prototypes cannot. */
  default boolean tls() {
    return true;
  }

  /** Whether it can speak HTTP/2; prototypes cannot. */
  default boolean http2() {
    return true;
  }

  @Override
  default void close() {}

  /** A call under way. */
  interface Running {
    /** As an application gives a call up. */
    void cancel();

    /** Fails with what {@link #call} would have thrown. */
    CompletableFuture<Answered> answer();
  }
}
