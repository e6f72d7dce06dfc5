package io.inmesh.controlplane.xds;

import org.jspecify.annotations.Nullable;

/** The resource types that are served, in the order of a push. */
enum ResourceType {
  CDS("envoy.config.cluster.v3.Cluster", true),
  EDS("envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  LDS("envoy.config.listener.v3.Listener", true),
  RDS("envoy.config.route.v3.RouteConfiguration", false),
  /** Only for Envoys on this machine; anybody else makes his own key. */
  SDS("envoy.extensions.transport_sockets.tls.v3.Secret", false);

  private final String url;
  private final boolean wildcard;

  ResourceType(String name, boolean wildcard) {
    this.url = "type.googleapis.com/" + name;
    this.wildcard = wildcard;
  }

  String url() {
    return url;
  }

  /** Whether a subscriber gets all there are, whatever names he gives (as at istiod). */
  boolean wildcard() {
    return wildcard;
  }

  /** Whether a name that there is not is answered all the same, with nothing in it. */
  boolean answersUnknown() {
    return this == EDS || this == RDS;
  }

  static @Nullable ResourceType of(String url) {
    for (ResourceType type : values()) {
      if (type.url.equals(url)) {
        return type;
      }
    }
    return null;
  }
}
