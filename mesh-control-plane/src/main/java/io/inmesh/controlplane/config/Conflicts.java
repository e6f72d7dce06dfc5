package io.inmesh.controlplane.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which two objects cannot both be in force. Where Istio would silently prefer the older one, the
 * newer file is refused: without creation times there is no older one.
 */
final class Conflicts {
  private Conflicts() {}

  /** Why {@code object} cannot join {@code others}, or null. */
  static @Nullable String find(MeshObject object, Iterable<MeshObject> others) {
    for (MeshObject other : others) {
      String reason = between(object, other);
      if (reason != null) {
        return reason
            + " by "
            + other.meta().key()
            + " ("
            + other.meta().file()
            + ":"
            + other.meta().line()
            + ")";
      }
    }
    return null;
  }

  private static @Nullable String between(MeshObject a, MeshObject b) {
    if (a.meta().key().equals(b.meta().key())) {
      return "the object is already given";
    }
    if (a instanceof PeerAuthentication first && b instanceof PeerAuthentication second) {
      boolean same = first.meta().namespace().equals(second.meta().namespace());
      return same && first.selector().equals(second.selector())
          ? "the same workloads already have their mode set"
          : null;
    }
    if (a instanceof Sidecar first && b instanceof Sidecar second) {
      boolean same = first.meta().namespace().equals(second.meta().namespace());
      return same && first.selector().equals(second.selector())
          ? "the same workloads already have a Sidecar"
          : null;
    }
    if (!a.meta().kind().equals(b.meta().kind())) {
      return null;
    }
    Set<String> shared = new HashSet<>(hosts(a));
    shared.retainAll(hosts(b));
    if (shared.isEmpty() || !overlap(a, b)) {
      return null;
    }
    return "the host " + shared.iterator().next() + " is already described";
  }

  private static List<String> hosts(MeshObject object) {
    if (object instanceof ServiceEntry entry) {
      return entry.hosts();
    }
    if (object instanceof VirtualService service) {
      return service.hosts();
    }
    return object instanceof DestinationRule rule ? List.of(rule.host()) : List.of();
  }

  private static boolean overlap(MeshObject a, MeshObject b) {
    Set<String> first = namespaces(a);
    Set<String> second = namespaces(b);
    if (first.contains("*") || second.contains("*")) {
      return true;
    }
    first.retainAll(second);
    return !first.isEmpty();
  }

  private static Set<String> namespaces(MeshObject object) {
    Visibility visibility =
        object instanceof ServiceEntry entry
            ? entry.exportTo()
            : object instanceof VirtualService service
                ? service.exportTo()
                : object instanceof DestinationRule rule ? rule.exportTo() : Visibility.ALL;
    Set<String> namespaces = new HashSet<>(visibility.namespaces());
    if (namespaces.remove(".")) {
      namespaces.add(object.meta().namespace());
    }
    return namespaces;
  }
}
