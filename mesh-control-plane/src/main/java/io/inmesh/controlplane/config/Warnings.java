package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is valid, in force, and probably not what its author wants. */
public final class Warnings {
  private Warnings() {}

  /** Something to look at, with its place. */
  public record Warning(String file, int line, String text) {
    @Override
    public String toString() {
      return file + ":" + line + ": " + text;
    }
  }

  /** All of them, in the order of the objects. */
  public static List<Warning> of(MeshConfig config) {
    Set<String> hosts = new HashSet<>();
    config.all(ServiceEntry.class).forEach(entry -> hosts.addAll(entry.hosts()));
    List<Warning> warnings = new ArrayList<>();
    for (VirtualService virtual : config.all(VirtualService.class)) {
      for (String host : virtual.hosts()) {
        if (!known(host, hosts)) {
          warnings.add(
              warning(virtual, "no ServiceEntry has the host " + host + ": no request meets it"));
        }
      }
    }
    for (Sidecar sidecar : config.all(Sidecar.class)) {
      for (Sidecar.Ingress ingress : sidecar.ingress()) {
        if (ingress.ownTls()) {
          warnings.add(
              warning(
                  sidecar,
                  "tls of ingress port "
                      + ingress.port().number()
                      + " is not served: with mesh TLS it has no meaning (as in Istio), and where"
                      + " that is disabled the port takes no connection here"));
        }
      }
    }
    return List.copyOf(warnings);
  }

  private static Warning warning(MeshObject object, String text) {
    ObjectMeta meta = object.meta();
    return new Warning(meta.file(), meta.line(), meta.key() + ": " + text);
  }

  private static boolean known(String host, Set<String> hosts) {
    return hosts.stream()
        .anyMatch(
            entry ->
                entry.startsWith("*.") ? host.endsWith(entry.substring(1)) : entry.equals(host));
  }
}
