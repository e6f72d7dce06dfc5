package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.PeerAuthentication;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import java.util.List;
import java.util.Map;

/** PeerAuthentication resolved: port, then workload, then namespace, then mesh, then PERMISSIVE. */
final class PeerModes {
  private final List<PeerAuthentication> policies;

  PeerModes(List<PeerAuthentication> policies) {
    this.policies = policies;
  }

  /** The mode of a workload's port that no service describes, too. */
  Mode mode(String namespace, Map<String, String> labels, int port) {
    for (PeerAuthentication policy : policies) {
      if (selects(policy, namespace, labels)) {
        Mode own = policy.portLevel().getOrDefault(port, Mode.UNSET);
        return own == Mode.UNSET ? mode(namespace, labels) : own;
      }
    }
    return mode(namespace, labels);
  }

  Mode mode(String namespace, Map<String, String> labels) {
    for (PeerAuthentication policy : policies) {
      if (selects(policy, namespace, labels) && policy.mode() != Mode.UNSET) {
        return policy.mode();
      }
    }
    return ofServices(namespace);
  }

  /**
   * What holds for a service of the namespace as a whole; single workloads may have other modes.
   */
  Mode ofServices(String namespace) {
    Mode ofNamespace = ofNamespace(namespace);
    if (ofNamespace != Mode.UNSET) {
      return ofNamespace;
    }
    Mode ofMesh = ofNamespace(Mesh.ROOT_NAMESPACE);
    return ofMesh == Mode.UNSET ? Mode.PERMISSIVE : ofMesh;
  }

  private static boolean selects(
      PeerAuthentication policy, String namespace, Map<String, String> labels) {
    return !policy.selector().isEmpty()
        && policy.meta().namespace().equals(namespace)
        && labels.entrySet().containsAll(policy.selector().entrySet());
  }

  private Mode ofNamespace(String namespace) {
    for (PeerAuthentication policy : policies) {
      if (policy.selector().isEmpty() && policy.meta().namespace().equals(namespace)) {
        return policy.mode();
      }
    }
    return Mode.UNSET;
  }
}
