package io.inmesh.filter;

import io.inmesh.config.PeerMetadataConfig;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * Istio's exchange of metadata between sidecars. A client says what it is, and takes the answer off
 * the response; a server takes it off the request, and answers only whoever has told it.
 */
final class PeerMetadataFilter implements HttpFilter {
  private static final String METADATA = "x-envoy-peer-metadata";
  private static final String ID = "x-envoy-peer-metadata-id";

  /** The state of a call whose caller has told what it is. */
  private static final Object TOLD = new Object();

  private final PeerMetadataConfig config;

  PeerMetadataFilter(PeerMetadataConfig config) {
    this.config = config;
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public FilterStatus request(FilterCall call) {
    Headers headers = call.request().headers();
    if (call.inbound()) {
      if (config.discoverHeaders() && take(call, headers)) {
        call.state(TOLD);
      } else if (config.discoverBaggage()) {
        String baggage = headers.joined("baggage");
        if (baggage != null) {
          call.peer(baggage, true);
        }
      }
      return FilterStatus.CONTINUE;
    }
    LocalNode node = call.node();
    if (config.propagate() && node != null && !(config.skipExternal() && external(call))) {
      headers.set(METADATA, node.metadata());
      headers.set(ID, node.id());
    }
    return FilterStatus.CONTINUE;
  }

  /** Istio's names of clusters that are no service of the mesh. */
  private static boolean external(FilterCall call) {
    Route route = call.route();
    return route == null
        || !(route.action() instanceof RouteAction.Forward)
        || route.name().equals("allow_any")
        || route.name().equals("block_all");
  }

  @Override
  public void response(FilterCall call, ResponseHead head) {
    if (!call.inbound()) {
      if (config.discoverHeaders()) {
        take(call, head.headers());
      }
      return;
    }
    LocalNode node = call.node();
    if (config.propagate() && node != null && call.state() == TOLD) {
      head.headers().set(METADATA, node.metadata());
      head.headers().set(ID, node.id());
    }
  }

  private static boolean take(FilterCall call, Headers headers) {
    @Nullable String metadata = headers.first(METADATA);
    if (metadata != null) {
      call.peer(metadata, false);
      headers.remove(METADATA);
    }
    return headers.remove(ID) | metadata != null;
  }
}
