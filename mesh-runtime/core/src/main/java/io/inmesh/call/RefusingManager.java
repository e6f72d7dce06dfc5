package io.inmesh.call;

import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RouteTable;
import io.inmesh.config.VirtualHost;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stands where there is no connection manager to ask: the call is refused before it is routed. */
final class RefusingManager {
  private RefusingManager() {}

  static HttpManager of(String resource, boolean inbound) {
    return new HttpManager(
        resource, inbound, Nothing.INSTANCE, List.of(), HttpOptions.sidecar(inbound));
  }

  private enum Nothing implements RouteTable {
    INSTANCE;

    @Override
    public String toString() {
      return "no routes";
    }

    @Override
    public @Nullable VirtualHost find(String authority) {
      return null;
    }
  }
}
