package io.inmesh.config;

import io.inmesh.http.RequestHead;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtual host with its index.
 *
 * @param domains as configured; the names by which applications find the addresses among them
 * @param always not null: every request gets this route, since the host cannot be enforced
 */
record CompiledVirtualHost(
    String name, List<String> domains, RouteIndex index, @Nullable Route always)
    implements VirtualHost {

  @Override
  public @Nullable Route route(RequestHead head, LongSupplier random) {
    return always != null ? always : index.find(head, random);
  }
}
