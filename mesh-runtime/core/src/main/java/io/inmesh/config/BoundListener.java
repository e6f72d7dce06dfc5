package io.inmesh.config;

import io.inmesh.config.ChainMatcher.Facts;
import io.inmesh.config.ChainSpec.TcpCluster;
import io.inmesh.config.OutboundTarget.Http;
import io.inmesh.config.OutboundTarget.Tcp;
import io.inmesh.config.OutboundTarget.Unsupported;
import io.inmesh.match.IpAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A listener with the route tables that are in force; one of its arrays is filled. Immutable. */
final class BoundListener {
  private static final List<String> PLAIN_HTTP = List.of("http/1.1", "h2c");

  private final CompiledListener listener;
  private final @Nullable HttpManager[] managers;
  private final InboundChain[] inbound;
  private final OutboundTarget[][] outbound;

  private BoundListener(CompiledListener listener, @Nullable HttpManager[] managers) {
    this.listener = listener;
    this.managers = managers;
    int chains = listener.chains().size();
    this.inbound = new InboundChain[listener.inbound() ? chains : 0];
    this.outbound = new OutboundTarget[listener.inbound() ? 0 : chains][];
  }

  /**
   * @param routes the table in force for a name
   * @param previous the same listener as it was bound before: what did not change is taken from it
   */
  static BoundListener bind(
      CompiledListener listener,
      Function<String, RouteTable> routes,
      @Nullable BoundListener previous) {
    int chains = listener.chains().size();
    BoundListener before = previous != null && previous.listener == listener ? previous : null;
    @Nullable HttpManager[] managers = new HttpManager[chains];
    boolean same = before != null;
    for (int i = 0; i < chains; i++) {
      ManagerTemplate http = listener.chains().get(i).http();
      if (http == null) {
        continue;
      }
      RouteTable table = http.inline();
      if (table == null) {
        table = routes.apply(String.valueOf(http.rdsName()));
      }
      HttpManager old = before == null ? null : before.managers[i];
      managers[i] = old != null && old.routes() == table ? old : http.with(table);
      same &= managers[i] == old;
    }
    if (same && before != null) {
      return before;
    }
    BoundListener bound = new BoundListener(listener, managers);
    for (int i = 0; i < chains; i++) {
      bound.fill(i, listener.chains().get(i), managers[i]);
    }
    return bound;
  }

  private void fill(int i, ChainSpec chain, @Nullable HttpManager manager) {
    if (listener.inbound()) {
      inbound[i] =
          new InboundChain(
              chain.name(), chain.tls(), manager, chain.networkFilters(), chain.notYet());
      return;
    }
    NotYet notYet = chain.notYet();
    if (notYet == null && !chain.networkFilters().isEmpty()) {
      notYet =
          new NotYet(
              chain.name(), chain.networkFilters().get(0).name(), "does not run outbound", true);
    }
    if (notYet != null) {
      outbound[i] = new OutboundTarget[] {new Unsupported(notYet)};
    } else if (manager != null) {
      outbound[i] = new OutboundTarget[] {new Http(manager)};
    } else if (chain.tcp().isEmpty()) {
      outbound[i] =
          new OutboundTarget[] {
            new Unsupported(new NotYet(chain.name(), "filters", "no proxy in the chain", false))
          };
    } else {
      outbound[i] =
          chain.tcp().stream()
              .map(cluster -> new Tcp(chain.name(), cluster.name()))
              .toArray(OutboundTarget[]::new);
    }
  }

  CompiledListener listener() {
    return listener;
  }

  @Nullable InboundChain inbound(Facts facts) {
    int chain = listener.find(facts);
    return chain == ChainMatcher.NONE ? null : inbound[chain];
  }

  /**
   * A call of the application.
   *
   * @param address where the call goes; null when only a name is known
   */
  OutboundTarget outbound(String host, @Nullable IpAddress address, int port, boolean tls) {
    boolean name = IpAddress.parse(host) == null;
    int chain =
        listener.find(
            new Facts(
                address,
                port,
                null,
                0,
                tls,
                tls && name ? host : "",
                tls ? List.of() : PLAIN_HTTP));
    if (chain == ChainMatcher.NONE) {
      String what = (tls ? "TLS" : "plaintext") + " to " + host + ":" + port;
      return new Unsupported(
          new NotYet(listener.name(), "filter_chains", "no filter chain takes " + what, false));
    }
    OutboundTarget[] targets = outbound[chain];
    return targets.length == 1 ? targets[0] : weighted(listener.chains().get(chain), targets);
  }

  private static OutboundTarget weighted(ChainSpec chain, OutboundTarget[] targets) {
    long total = 0;
    for (TcpCluster cluster : chain.tcp()) {
      total += cluster.weight();
    }
    long value = ThreadLocalRandom.current().nextLong(total);
    int i = 0;
    for (long upTo = chain.tcp().get(0).weight(); value >= upTo; ) {
      upTo += chain.tcp().get(++i).weight();
    }
    return targets[i];
  }
}
