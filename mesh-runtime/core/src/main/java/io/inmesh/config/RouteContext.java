package io.inmesh.config;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a route inherits from its virtual host and its route configuration while it is compiled.
 *
 * @param resource the route configuration, for messages
 * @param virtualHost its name, for messages
 * @param inherited not null: something of the levels above cannot be enforced for any route
 * @param clusters collects the names of clusters that routes point to
 */
record RouteContext(
    String resource,
    String virtualHost,
    boolean mostSpecificWins,
    Edits.Both virtualHostEdits,
    Edits.Both configurationEdits,
    Map<String, HttpFilterConfig> filterOverrides,
    io.inmesh.proto.envoy.config.route.v3.VirtualHost host,
    java.util.List<io.inmesh.proto.envoy.config.route.v3.RouteAction.RequestMirrorPolicy> mirrors,
    long maxDirectResponseBytes,
    @Nullable NotYet inherited,
    Set<String> clusters) {

  String place(int route) {
    return resource + "/" + virtualHost + "/" + route;
  }
}
