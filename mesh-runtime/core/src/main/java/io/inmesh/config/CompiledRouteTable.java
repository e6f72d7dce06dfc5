package io.inmesh.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Virtual hosts by domain: a hash for whole names, one for each length of wildcard. */
final class CompiledRouteTable implements RouteTable {
  private final String name;
  private final List<CompiledVirtualHost> hosts;
  private final Set<String> clusters;
  private final boolean ignorePort;
  private final Map<String, CompiledVirtualHost> exact = new HashMap<>();
  private final Wildcards suffixes = new Wildcards();
  private final Wildcards prefixes = new Wildcards();
  private @Nullable CompiledVirtualHost any;

  /**
   * @param clusters every cluster that a route points to by name
   * @throws ConfigException a domain that is there twice, as Envoy refuses it
   */
  CompiledRouteTable(
      String name, List<CompiledVirtualHost> hosts, Set<String> clusters, boolean ignorePort) {
    this.name = name;
    this.hosts = List.copyOf(hosts);
    this.clusters = Set.copyOf(clusters);
    this.ignorePort = ignorePort;
    for (int i = 0; i < hosts.size(); i++) {
      for (String domain : hosts.get(i).domains()) {
        try {
          add(domain.toLowerCase(Locale.ROOT), hosts.get(i));
        } catch (ConfigException e) {
          throw e.in("virtual_hosts[" + i + "]");
        }
      }
    }
    suffixes.sort();
    prefixes.sort();
  }

  static CompiledRouteTable empty(String name) {
    return new CompiledRouteTable(name, List.of(), Set.of(), false);
  }

  private void add(String domain, CompiledVirtualHost host) {
    boolean twice;
    if (domain.equals("*")) {
      twice = any != null;
      any = host;
    } else if (domain.startsWith("*")) {
      twice = suffixes.put(domain.substring(1), host);
    } else if (domain.endsWith("*")) {
      twice = prefixes.put(domain.substring(0, domain.length() - 1), host);
    } else if (domain.isEmpty()) {
      throw new ConfigException("domains", "must not be empty");
    } else {
      twice = exact.put(domain, host) != null;
    }
    if (twice) {
      throw new ConfigException(
          "domains", "'" + domain + "' is there twice; a domain may occur once in a table");
    }
  }

  @Override
  public String name() {
    return name;
  }

  List<CompiledVirtualHost> hosts() {
    return hosts;
  }

  Set<String> clusters() {
    return clusters;
  }

  @Override
  public @Nullable VirtualHost find(String authority) {
    String host = lower(ignorePort ? withoutPort(authority) : authority);
    CompiledVirtualHost found = exact.get(host);
    if (found == null && !suffixes.isEmpty()) {
      found = suffixes.find(host, true);
    }
    if (found == null && !prefixes.isEmpty()) {
      found = prefixes.find(host, false);
    }
    return found == null ? any : found;
  }

  private static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon < 0
            || authority.indexOf(']') > colon
            || authority.indexOf(':') < colon && !authority.startsWith("[")
        ? authority
        : authority.substring(0, colon);
  }

  private static String lower(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return host.toLowerCase(Locale.ROOT);
      }
    }
    return host;
  }

  /** Names that begin or end with the same letters, the longest first. */
  private static final class Wildcards {
    private final Map<Integer, Map<String, CompiledVirtualHost>> byLength = new HashMap<>();
    private final List<Integer> lengths = new ArrayList<>();

    boolean put(String fixed, CompiledVirtualHost host) {
      return byLength.computeIfAbsent(fixed.length(), length -> new HashMap<>()).put(fixed, host)
          != null;
    }

    void sort() {
      lengths.addAll(byLength.keySet());
      lengths.sort((a, b) -> b - a);
    }

    boolean isEmpty() {
      return lengths.isEmpty();
    }

    /** The star stands for at least one letter. */
    @Nullable CompiledVirtualHost find(String host, boolean suffix) {
      for (int length : lengths) {
        if (length < host.length()) {
          String fixed =
              suffix ? host.substring(host.length() - length) : host.substring(0, length);
          Map<String, CompiledVirtualHost> candidates = byLength.get(length);
          CompiledVirtualHost found = candidates == null ? null : candidates.get(fixed);
          if (found != null) {
            return found;
          }
        }
      }
      return null;
    }
  }
}
