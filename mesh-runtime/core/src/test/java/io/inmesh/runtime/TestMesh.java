package io.inmesh.runtime;

import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallFactory;
import io.inmesh.call.Exclusions;
import io.inmesh.call.Outcome;
import io.inmesh.call.PlaintextExemptions;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TestTables;
import io.inmesh.driver.DriverEnvironment;
import io.inmesh.identity.IdentityMaterial;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.InboundTlsContexts;
import io.inmesh.identity.OutboundTls;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.JdkHostResolver;
import io.inmesh.upstream.UpstreamListener;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A mesh for tests of adapters: the real engine on tables that the test makes, without a control
 * plane. Remembers how calls ended.
 */
public final class TestMesh implements MeshServices, AutoCloseable {
  private final DriverEnvironment drivers = DriverEnvironment.create();
  private final IdentityStore identity = new IdentityStore();
  private final OutboundSecurity outbound;
  private final InboundSecurity inbound;
  private final InboundTlsContexts contexts;
  private final Clusters clusters;
  private final CallFactory calls;
  private final List<Outcome> outcomes = Collections.synchronizedList(new ArrayList<>());
  private final List<Runnable> drains = new CopyOnWriteArrayList<>();
  private volatile @Nullable MeshTables tables;
  private volatile boolean draining;
  private volatile Duration drainLimit = Duration.ofSeconds(10);
  private long version;

  public TestMesh() {
    this(PlaintextExemptions.NONE);
  }

  public TestMesh(PlaintextExemptions plaintext) {
    Clock clock = Clock.systemUTC();
    LongSupplier random = () -> ThreadLocalRandom.current().nextLong();
    Secrets secrets = new Secrets(identity, clock);
    contexts = new InboundTlsContexts(identity, clock);
    outbound = new OutboundSecurity(new OutboundTls(identity, clock), secrets);
    inbound = new InboundSecurity(() -> tables, contexts, identity, secrets, plaintext);
    clusters =
        new Clusters(
            new ClusterEnvironment(
                random,
                drivers.nanos(),
                UpstreamListener.NONE,
                new JdkHostResolver(drivers.workers()),
                drivers.timer()));
    clusters.put(TestTables.cluster(TestTables.PASSTHROUGH).originalDestination().build());
    CallEnvironment env =
        new CallEnvironment(
            clusters,
            random,
            (inboundCall, request, from, outcome, nanos) -> outcomes.add(outcome));
    // not even loopback is left alone: that is where tests have their servers
    Exclusions none = (host, port) -> false;
    calls = new CallEngine(env, () -> tables, none, plaintext);
  }

  public void use(TestTables now) {
    tables = now.build(++version);
  }

  public void use(MeshTables now) {
    tables = now;
  }

  public void use(ClusterConfig cluster) {
    clusters.put(cluster);
  }

  /** The workload's certificate from now on. */
  public void use(IdentityMaterial material) {
    identity.update(material);
  }

  public Clusters clusters() {
    return clusters;
  }

  /** How calls ended, oldest first. */
  public List<Outcome> outcomes() {
    return outcomes;
  }

  public Outcome lastOutcome() {
    return outcomes.get(outcomes.size() - 1);
  }

  /** What is still held, in words; empty when every lease and every retry has been given back. */
  public String held() {
    StringBuilder held = new StringBuilder();
    for (Cluster cluster : clusters.all()) {
      for (boolean high : new boolean[] {false, true}) {
        long requests = cluster.activeRequests(high);
        long pending = cluster.pendingRequests(high);
        long retries = cluster.activeRetries(high);
        if (requests != 0 || pending != 0 || retries != 0) {
          held.append(cluster.name())
              .append(": requests ")
              .append(requests)
              .append(" pending ")
              .append(pending)
              .append(" retries ")
              .append(retries)
              .append('\n');
        }
      }
      for (Host host : cluster.hosts()) {
        if (host.active() != 0) {
          held.append(host.address()).append(": active ").append(host.active()).append('\n');
        }
      }
    }
    return held.toString();
  }

  @Override
  public CallFactory calls() {
    return calls;
  }

  @Override
  public DriverEnvironment drivers() {
    return drivers;
  }

  @Override
  public OutboundSecurity outbound() {
    return outbound;
  }

  @Override
  public InboundSecurity inbound() {
    return inbound;
  }

  @Override
  public Duration drainLimit() {
    return drainLimit;
  }

  /** How long {@link #close} waits from now on; 10 s when not set. */
  public void drainLimit(Duration limit) {
    drainLimit = limit;
  }

  @Override
  public Runnable onDrain(Runnable hook) {
    drains.add(hook);
    return () -> drains.remove(hook);
  }

  @Override
  public boolean draining() {
    return draining;
  }

  @Override
  public void close() {
    draining = true;
    drains.forEach(Runnable::run);
    contexts.close();
    drivers.close();
  }
}
