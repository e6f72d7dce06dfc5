package io.inmesh.config;

import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.listener.v3.ListenerFilter;
import io.inmesh.proto.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * On which ports a listener looks for TLS and for HTTP before it chooses a filter chain. Where it
 * does not look, TLS bytes count as {@code raw_buffer}, and no protocol name is known.
 */
record Inspectors(IntPredicate tls, IntPredicate http) {
  private static final String PACKAGE = "envoy.extensions.filters.listener.";

  static boolean isTls(String type) {
    return type.equals(PACKAGE + "tls_inspector.v3.TlsInspector");
  }

  static boolean isHttp(String type) {
    return type.equals(PACKAGE + "http_inspector.v3.HttpInspector");
  }

  static Inspectors of(Listener proto) {
    // Envoy adds a TLS inspector by itself where chains ask for what only it can tell.
    IntPredicate tls =
        proto.getFilterChainsList().stream().anyMatch(Inspectors::asksForTls)
            ? port -> true
            : port -> false;
    IntPredicate http = port -> false;
    for (ListenerFilter filter : proto.getListenerFiltersList()) {
      String type = TypedConfig.of(filter.getTypedConfig()).type();
      IntPredicate on =
          filter.hasFilterDisabled() ? disabled(filter.getFilterDisabled()).negate() : port -> true;
      if (isTls(type)) {
        tls = on;
      } else if (isHttp(type)) {
        http = on;
      }
    }
    return new Inspectors(tls, http);
  }

  private static boolean asksForTls(FilterChain chain) {
    var match = chain.getFilterChainMatch();
    return match.getTransportProtocol().equals("tls")
        || match.getTransportProtocol().isEmpty()
            && match.getServerNamesCount() + match.getApplicationProtocolsCount() > 0;
  }

  private static IntPredicate disabled(ListenerFilterChainMatchPredicate proto) {
    return switch (proto.getRuleCase()) {
      case OR_MATCH -> {
        List<IntPredicate> rules = rules(proto.getOrMatch());
        yield port -> rules.stream().anyMatch(rule -> rule.test(port));
      }
      case AND_MATCH -> {
        List<IntPredicate> rules = rules(proto.getAndMatch());
        yield port -> rules.stream().allMatch(rule -> rule.test(port));
      }
      case NOT_MATCH -> disabled(proto.getNotMatch()).negate();
      case ANY_MATCH -> port -> proto.getAnyMatch();
      case DESTINATION_PORT_RANGE -> {
        int start = proto.getDestinationPortRange().getStart();
        int end = proto.getDestinationPortRange().getEnd();
        yield port -> port >= start && port < end;
      }
      case RULE_NOT_SET ->
          throw new ConfigException("listener_filters.filter_disabled", "is empty");
    };
  }

  private static List<IntPredicate> rules(ListenerFilterChainMatchPredicate.MatchSet proto) {
    return proto.getRulesList().stream().map(Inspectors::disabled).toList();
  }

  /** What the listener sees of the connection. */
  ChainMatcher.Facts seen(ChainMatcher.Facts facts) {
    boolean looks = facts.tls() ? tls.test(facts.localPort()) : http.test(facts.localPort());
    return looks
        ? facts
        : new ChainMatcher.Facts(
            facts.local(),
            facts.localPort(),
            facts.remote(),
            facts.remotePort(),
            false,
            "",
            List.of());
  }
}
