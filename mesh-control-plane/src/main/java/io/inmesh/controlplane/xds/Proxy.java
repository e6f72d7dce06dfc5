package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;

/**
 * What kind of client asks, by its node's metadata.
 *
 * @param intercepted connections reach it without being addressed to it: a runtime in the process,
 *     or redirection. False with {@code INTERCEPTION_MODE: NONE}, as in Istio
 * @param plainEnvoy an Envoy without Istio's extensions, {@code INMESH_PROXY: envoy}: it takes no
 *     {@code istio.*} filter and gets its certificates over the same stream
 */
record Proxy(boolean intercepted, boolean plainEnvoy) {
  static final Proxy SIDECAR = new Proxy(true, false);

  static Proxy of(Node node) {
    return new Proxy(
        !text(node, "INTERCEPTION_MODE").equals("NONE"),
        text(node, "INMESH_PROXY").equals("envoy"));
  }

  private static String text(Node node, String name) {
    Struct metadata = node.getMetadata();
    return metadata.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
  }
}
