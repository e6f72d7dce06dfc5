package io.inmesh.differential;

import com.google.protobuf.Message;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallListener;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.Address;
import io.inmesh.proto.envoy.config.core.v3.SocketAddress;
import io.inmesh.proto.envoy.config.core.v3.TrafficDirection;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.UpstreamListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Inmesh from protos to commands, without I/O or real time: the store that xDS feeds, tables,
 * clusters, engine. One for each scenario.
 */
public final class InmeshSide implements TablesListener {
  private static final ScheduledExecutorService SCHEDULER =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "inmesh-side");
            thread.setDaemon(true);
            return thread;
          });

  /** The same few clusters for all scenarios. */
  private static final Map<String, Cluster> PARSED = new ConcurrentHashMap<>();

  /** The clock, in nanoseconds; whoever plays the driver moves it. */
  public long now = 1_000_000_000L;

  public final CallEngine calls;
  public final Clusters clusters;
  private final SplittableRandom chance = new SplittableRandom(1);
  private @Nullable MeshTables tables;

  private InmeshSide(Function<InmeshSide, CallListener> listener) {
    clusters =
        new Clusters(
            new ClusterEnvironment(
                chance::nextLong,
                () -> now,
                UpstreamListener.NONE,
                name -> new CompletableFuture<>(),
                SCHEDULER));
    calls =
        new CallEngine(
            new CallEnvironment(clusters, chance::nextLong, listener.apply(this)),
            () -> tables,
            (host, port) -> false);
  }

  /** The answers, request by request. */
  static List<Answer> ask(Scenario scenario, Upstreams upstreams) {
    InmeshSide side = of(scenario, upstreams);
    List<Answer> answers = new ArrayList<>();
    Peers.Known peer =
        scenario.peer().equals(Peers.PLAINTEXT) ? null : Peers.known(scenario.peer());
    for (Asked asked : scenario.requests()) {
      answers.add(
          scenario.inbound()
              ? EngineCall.inbound(side, asked, peer).answer()
              : EngineCall.outbound(side, asked).answer());
    }
    return answers;
  }

  /**
   * The same configuration as Envoy's, put in force.
   *
   * @throws IllegalStateException when it is refused
   */
  static InmeshSide of(Scenario scenario, Upstreams upstreams) {
    return of(scenario, upstreams, side -> CallListener.NONE);
  }

  /**
   * @param listener told of every call
   */
  static InmeshSide of(
      Scenario scenario, Upstreams upstreams, Function<InmeshSide, CallListener> listener) {
    InmeshSide side = new InmeshSide(listener);
    feed(side, scenario, upstreams);
    return side;
  }

  /** An outbound listener over these clusters, put in force. */
  public static InmeshSide outbound(List<Cluster> clusters, HttpConnectionManager manager) {
    InmeshSide side = new InmeshSide(own -> CallListener.NONE);
    feed(side, clusters, listener(false, manager));
    return side;
  }

  static void feed(TablesListener to, Scenario scenario, Upstreams upstreams) {
    List<Cluster> clusters =
        Upstreams.names().stream().map(name -> parse(upstreams.cluster(name))).toList();
    feed(to, clusters, listener(scenario.inbound(), scenario.manager()));
  }

  /** By the way that resources of a control plane take. */
  private static void feed(TablesListener to, List<Cluster> clusters, Listener listener) {
    ConfigStore store = new ConfigStore(to, "");
    for (Cluster cluster : clusters) {
      accept(store, ConfigStore.CLUSTER, cluster.getName(), cluster);
    }
    accept(store, ConfigStore.LISTENER, listener.getName(), listener);
  }

  /** Takes whatever destination: the listener to which connections are redirected. */
  static Listener listener(boolean inbound, HttpConnectionManager manager) {
    Listener.Builder listener = Listener.newBuilder();
    if (inbound) {
      listener.setName("virtualInbound").setTrafficDirection(TrafficDirection.INBOUND);
    } else {
      listener.setName("virtualOutbound").setTrafficDirection(TrafficDirection.OUTBOUND);
    }
    listener.getUseOriginalDstBuilder().setValue(true);
    return listener
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder()
                        .setAddress("0.0.0.0")
                        .setPortValue(inbound ? 15006 : 15001)))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(Filter.newBuilder().setName("hcm").setTypedConfig(Protos.any(manager))))
        .build();
  }

  private static Cluster parse(String json) {
    return PARSED.computeIfAbsent(
        json,
        text -> {
          Cluster.Builder cluster = Cluster.newBuilder();
          Protos.merge(text, cluster);
          return cluster.build();
        });
  }

  private static void accept(ConfigStore store, String type, String name, Message message) {
    Map<String, String> refused =
        store.apply(
            type, List.of(new ConfigResource(name, message.toByteString())), List.of(), false);
    if (!refused.isEmpty()) {
      throw new IllegalStateException("Inmesh refuses what Envoy takes: " + refused);
    }
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    clusters.put(cluster);
  }

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {
    clusters.endpoints(endpoints);
  }

  @Override
  public void onClusterRemoved(String name) {
    clusters.remove(name);
  }

  @Override
  public void onTables(MeshTables changed) {
    tables = changed;
  }

  @Override
  public void onSubscriptions() {}
}
