package io.inmesh.config;

import io.inmesh.http.RequestHead;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A compiled {@code VirtualHost}. Immutable, thread-safe. */
public interface VirtualHost {
  String name();

  /**
   * The first route, in the order of the configuration, that matches.
   *
   * @param random asked only by routes with a {@code runtime_fraction}; any 64 bits
   */
  @Nullable Route route(RequestHead head, LongSupplier random);
}
