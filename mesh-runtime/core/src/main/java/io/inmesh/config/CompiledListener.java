package io.inmesh.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code Listener}, its routes still by name.
 *
 * @param addresses where it would listen
 * @param originalDestination takes connections to any address ({@code use_original_dst}, or the
 *     listener filter original_dst)
 * @param inspectors what it looks at before it chooses a chain
 * @param matcher gives numbers of {@code chains}
 * @param fallback {@code default_filter_chain}: its number, or {@link ChainMatcher#NONE}
 */
record CompiledListener(
    String name,
    boolean inbound,
    List<Address> addresses,
    boolean originalDestination,
    Inspectors inspectors,
    ChainMatcher matcher,
    List<ChainSpec> chains,
    int fallback) {

  /** An address of {@code address} or {@code additional_addresses}. */
  record Address(String ip, int port) {
    boolean wildcard() {
      return ip.equals("0.0.0.0") || ip.equals("::");
    }
  }

  /** Number of the chain for a connection, or {@link ChainMatcher#NONE}. */
  int find(ChainMatcher.Facts facts) {
    int found = matcher.find(inspectors.seen(facts));
    return found == ChainMatcher.NONE ? fallback : found;
  }

  /** Route configurations that its chains ask for. */
  Set<String> routeNames() {
    Set<String> names = new TreeSet<>();
    for (ChainSpec chain : chains) {
      ManagerTemplate http = chain.http();
      String name = http == null ? null : http.rdsName();
      if (name != null) {
        names.add(name);
      }
    }
    return names;
  }

  /** Secrets that its chains need. */
  Set<SecretRef> secrets() {
    Set<SecretRef> secrets = new LinkedHashSet<>();
    for (ChainSpec chain : chains) {
      if (chain.tls() != null) {
        SecretRef.add(chain.tls().certificate(), secrets);
        SecretRef.add(chain.tls().trust(), secrets);
      }
    }
    return secrets;
  }

  /** Clusters that inline routes and TCP proxies point to. */
  Set<String> clusters() {
    Set<String> names = new TreeSet<>();
    for (ChainSpec chain : chains) {
      chain.tcp().forEach(cluster -> names.add(cluster.name()));
      @Nullable CompiledRouteTable inline = chain.http() == null ? null : chain.http().inline();
      if (inline != null) {
        names.addAll(inline.clusters());
      }
    }
    return names;
  }
}
