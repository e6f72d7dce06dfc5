package io.inmesh.config;

import io.inmesh.match.Cidr;
import io.inmesh.match.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds a filter chain as Envoy does: one criterion after the other, each time the most specific
 * value that is there, and never back. A connection whose port has chains of its own meets none of
 * the chains without a port, even if none of its own takes it.
 */
final class ChainMatcher {
  static final int NONE = -1;

  /** {@code FilterChainMatch.ConnectionSourceType}. */
  enum Source {
    ANY,
    SAME_IP_OR_LOOPBACK,
    EXTERNAL
  }

  /** The facts of a connection, addresses parsed; null where unknown. */
  record Facts(
      @Nullable IpAddress local,
      int localPort,
      @Nullable IpAddress remote,
      int remotePort,
      boolean tls,
      String sni,
      List<String> alpn) {}

  /** One chain's criteria; an empty list or string is "any", port 0 too. */
  record Criteria(
      int port,
      List<Cidr> ranges,
      List<String> serverNames,
      String transport,
      List<String> alpn,
      List<Cidr> directSources,
      Source source,
      List<Cidr> sources,
      List<Integer> sourcePorts) {
    boolean onlyPortAndProtocol() {
      return ranges.isEmpty()
          && serverNames.isEmpty()
          && directSources.isEmpty()
          && source == Source.ANY
          && sources.isEmpty()
          && sourcePorts.isEmpty();
    }
  }

  private final Map<Integer, Ranges<Names>> ports = new HashMap<>();
  private boolean onlyPortAndProtocol = true;

  /** True when neither addresses nor server names are asked for by any chain. */
  boolean onlyPortAndProtocol() {
    return onlyPortAndProtocol;
  }

  /**
   * @throws ConfigException another chain has the same criteria, or one combination of them
   */
  void add(Criteria criteria, int chain) {
    onlyPortAndProtocol &= criteria.onlyPortAndProtocol();
    Ranges<Names> ranges = ports.computeIfAbsent(criteria.port(), port -> new Ranges<>());
    for (Names names : ranges.at(criteria.ranges(), Names::new)) {
      for (String name : orAny(criteria.serverNames())) {
        Protocols protocols = names.names.computeIfAbsent(key(name), n -> new Protocols());
        Alpns alpns = protocols.byName.computeIfAbsent(criteria.transport(), t -> new Alpns());
        for (String alpn : orAny(criteria.alpn())) {
          addSources(alpns.byName.computeIfAbsent(alpn, a -> new Ranges<>()), criteria, chain);
        }
      }
    }
  }

  private static void addSources(Ranges<Sources> direct, Criteria criteria, int chain) {
    for (Sources sources : direct.at(criteria.directSources(), Sources::new)) {
      Ranges<Map<Integer, Integer>> ranges =
          sources.byType.computeIfAbsent(criteria.source(), type -> new Ranges<>());
      for (Map<Integer, Integer> ports : ranges.at(criteria.sources(), HashMap::new)) {
        List<Integer> wanted =
            criteria.sourcePorts().isEmpty() ? List.of(0) : criteria.sourcePorts();
        for (int port : wanted) {
          if (ports.putIfAbsent(port, chain) != null) {
            throw new ConfigException(
                "filter_chain_match",
                "has the same criteria as filter_chains[" + ports.get(port) + "]");
          }
        }
      }
    }
  }

  /** {@code *.example.com} is kept as {@code .example.com}. */
  private static String key(String serverName) {
    String lower = serverName.toLowerCase(java.util.Locale.ROOT);
    if (lower.startsWith("*.")) {
      return lower.substring(1);
    }
    if (lower.indexOf('*') >= 0) {
      throw new ConfigException(
          "filter_chain_match.server_names", "a star may only stand before a dot: " + serverName);
    }
    return lower;
  }

  private static List<String> orAny(List<String> values) {
    return values.isEmpty() ? List.of("") : values;
  }

  /** The chain's number, or {@link #NONE}. */
  int find(Facts facts) {
    Ranges<Names> ranges = ports.get(facts.localPort());
    if (ranges == null) {
      ranges = ports.get(0);
    }
    Names names = ranges == null ? null : ranges.find(facts.local());
    Protocols protocols = names == null ? null : names.find(facts.sni());
    Alpns alpns = protocols == null ? null : protocols.find(facts.tls());
    Ranges<Sources> direct = alpns == null ? null : alpns.find(facts.alpn());
    Sources sources = direct == null ? null : direct.find(facts.remote());
    Ranges<Map<Integer, Integer>> byType = sources == null ? null : sources.find(facts);
    Map<Integer, Integer> byPort = byType == null ? null : byType.find(facts.remote());
    if (byPort == null) {
      return NONE;
    }
    Integer chain = byPort.get(facts.remotePort());
    chain = chain == null ? byPort.get(0) : chain;
    return chain == null ? NONE : chain;
  }

  private static final class Names {
    private final Map<String, Protocols> names = new HashMap<>();

    @Nullable Protocols find(String sni) {
      Protocols exact = names.get(sni);
      if (exact != null) {
        return exact;
      }
      for (int dot = sni.indexOf('.', 1);
          dot >= 0 && dot < sni.length() - 1;
          dot = sni.indexOf('.', dot + 1)) {
        Protocols wildcard = names.get(sni.substring(dot));
        if (wildcard != null) {
          return wildcard;
        }
      }
      return names.get("");
    }
  }

  private static final class Protocols {
    private final Map<String, Alpns> byName = new HashMap<>();

    @Nullable Alpns find(boolean tls) {
      Alpns found = byName.get(tls ? "tls" : "raw_buffer");
      return found == null ? byName.get("") : found;
    }
  }

  private static final class Alpns {
    private final Map<String, Ranges<Sources>> byName = new HashMap<>();

    @Nullable Ranges<Sources> find(List<String> alpn) {
      for (String name : alpn) {
        Ranges<Sources> found = byName.get(name);
        if (found != null) {
          return found;
        }
      }
      return byName.get("");
    }
  }

  private static final class Sources {
    private final Map<Source, Ranges<Map<Integer, Integer>>> byType = new EnumMap<>(Source.class);

    @Nullable Ranges<Map<Integer, Integer>> find(Facts facts) {
      IpAddress remote = facts.remote();
      boolean local = remote != null && (loopback(remote) || remote.equals(facts.local()));
      Ranges<Map<Integer, Integer>> found =
          byType.get(local ? Source.SAME_IP_OR_LOOPBACK : Source.EXTERNAL);
      return found == null ? byType.get(Source.ANY) : found;
    }

    private static boolean loopback(IpAddress address) {
      return address.v4()
          ? (address.low() & 0xff00_0000L) == 0x7f00_0000L
          : address.high() == 0 && address.low() == 1;
    }
  }

  /** Values by address range; the longest prefix wins, an address that is not known has none. */
  private static final class Ranges<V> {
    private final List<Map.Entry<Cidr, V>> ranges = new ArrayList<>();
    private @Nullable V any;

    List<V> at(List<Cidr> wanted, Supplier<V> make) {
      if (wanted.isEmpty()) {
        if (any == null) {
          any = make.get();
        }
        return List.of(any);
      }
      List<V> values = new ArrayList<>(wanted.size());
      for (Cidr range : wanted) {
        values.add(at(range, make));
      }
      return values;
    }

    private V at(Cidr range, Supplier<V> make) {
      for (Map.Entry<Cidr, V> entry : ranges) {
        if (entry.getKey().equals(range)) {
          return entry.getValue();
        }
      }
      V value = make.get();
      ranges.add(Map.entry(range, value));
      ranges.sort(Comparator.comparingInt(entry -> -entry.getKey().prefix()));
      return value;
    }

    @Nullable V find(@Nullable IpAddress address) {
      for (Map.Entry<Cidr, V> entry : ranges) {
        if (entry.getKey().contains(address)) {
          return entry.getValue();
        }
      }
      return any;
    }
  }
}
