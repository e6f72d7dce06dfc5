package io.inmesh.xds;

/**
 * The type of a resource, as it stands in {@code type_url} of the discovery messages.
 *
 * @param url the whole URL, {@code type.googleapis.com/envoy.config.cluster.v3.Cluster}
 */
public record TypeUrl(String url) {
  public static final TypeUrl LISTENER = of("envoy.config.listener.v3.Listener");
  public static final TypeUrl ROUTE_CONFIGURATION = of("envoy.config.route.v3.RouteConfiguration");
  public static final TypeUrl CLUSTER = of("envoy.config.cluster.v3.Cluster");
  public static final TypeUrl CLUSTER_LOAD_ASSIGNMENT =
      of("envoy.config.endpoint.v3.ClusterLoadAssignment");
  public static final TypeUrl EXTENSION_CONFIG = of("envoy.config.core.v3.TypedExtensionConfig");
  public static final TypeUrl SECRET = of("envoy.extensions.transport_sockets.tls.v3.Secret");

  public TypeUrl {
    if (url.indexOf('/') < 0) {
      throw new IllegalArgumentException("not a type URL (no '/'): " + url);
    }
  }

  /** The type of a message by its full name, {@code envoy.config.cluster.v3.Cluster}. */
  public static TypeUrl of(String messageName) {
    return new TypeUrl("type.googleapis.com/" + messageName);
  }

  /** The message's name without its package: {@code Cluster}. */
  public String simpleName() {
    return url.substring(Math.max(url.lastIndexOf('.'), url.lastIndexOf('/')) + 1);
  }

  @Override
  public String toString() {
    return simpleName();
  }
}
