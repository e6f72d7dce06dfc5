package io.inmesh.controlplane.config;

import java.util.Map;

/**
 * security.istio.io PeerAuthentication. An empty selector means the namespace, in the root
 * namespace the mesh.
 */
public record PeerAuthentication(
    ObjectMeta meta, Map<String, String> selector, Mode mode, Map<Integer, Mode> portLevel)
    implements MeshObject {

  /** UNSET inherits. */
  public enum Mode {
    UNSET,
    DISABLE,
    PERMISSIVE,
    STRICT
  }
}
