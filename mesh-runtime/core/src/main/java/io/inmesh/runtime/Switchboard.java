package io.inmesh.runtime;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.upstream.Clusters;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts in force what the configuration store has compiled: written by the configuration thread,
 * read by every call. Public for meshes without a runtime: tests and benchmarks.
 */
public final class Switchboard implements TablesListener {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.config");

  private final Clusters clusters;
  private final Runnable subscribe;
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile @Nullable MeshTables tables;
  private volatile @Nullable Instant changed;

  /**
   * @param subscribe runs when other names are wanted of the control plane
   */
  public Switchboard(Clusters clusters, Runnable subscribe) {
    this.clusters = clusters;
    this.subscribe = subscribe;
  }

  /** Null until the first configuration is complete. */
  public @Nullable MeshTables tables() {
    return tables;
  }

  /** When something was last put in force. */
  @Nullable Instant changed() {
    return changed;
  }

  boolean awaitFirst(long nanos) throws InterruptedException {
    return first.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    clusters.put(cluster);
    changed = Instant.now();
  }

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {
    clusters.endpoints(endpoints);
    UpstreamLog.inForce(endpoints);
    changed = Instant.now();
  }

  @Override
  public void onClusterRemoved(String name) {
    clusters.remove(name);
    changed = Instant.now();
  }

  @Override
  public void onTables(MeshTables now) {
    tables = now;
    changed = Instant.now();
    first.countDown();
    LOG.atDebug().addKeyValue("version", now.version()).log("configuration in force");
  }

  @Override
  public void onSubscriptions() {
    subscribe.run();
  }
}
