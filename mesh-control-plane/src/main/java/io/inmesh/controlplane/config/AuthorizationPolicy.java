package io.inmesh.controlplane.config;

import java.util.List;
import java.util.Map;

/** security.istio.io AuthorizationPolicy. No rules: never matches, so ALLOW denies everything. */
public record AuthorizationPolicy(
    ObjectMeta meta, Map<String, String> selector, Action action, List<Rule> rules)
    implements MeshObject {

  /** What happens when a rule matches. */
  public enum Action {
    ALLOW,
    DENY,
    AUDIT
  }

  /** One of {@code from} (if any), one of {@code to} (if any) and all of {@code when}. */
  public record Rule(List<Source> from, List<Operation> to, List<Condition> when) {}

  /** Values and their negations. */
  public record Values(List<String> in, List<String> notIn) {
    public boolean isEmpty() {
      return in.isEmpty() && notIn.isEmpty();
    }
  }

  /** Who calls. Addresses are checked CIDR texts. */
  public record Source(
      Values principals,
      Values namespaces,
      Values serviceAccounts,
      Values ipBlocks,
      Values remoteIpBlocks) {}

  /** What is called. */
  public record Operation(Values hosts, Values ports, Values methods, Values paths) {}

  /** {@code when}. */
  public record Condition(String key, Values values) {}
}
