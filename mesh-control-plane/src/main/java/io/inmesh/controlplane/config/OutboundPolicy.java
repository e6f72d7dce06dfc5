package io.inmesh.controlplane.config;

/** What becomes of a call to a destination that the mesh does not know. */
public enum OutboundPolicy {
  /** It goes where the application wants. */
  ALLOW_ANY,
  /** It is refused: 502, or the connection is closed. */
  REGISTRY_ONLY
}
