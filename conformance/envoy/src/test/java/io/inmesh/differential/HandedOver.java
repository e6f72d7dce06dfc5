package io.inmesh.differential;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.CallFactory;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Waker;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.driver.DriverEnvironment;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.InboundSecurity;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.OutboundSecurity;
import io.inmesh.runtime.TestMesh;
import org.jspecify.annotations.Nullable;

/**
 * A mesh for real adapters that remembers the last request as the client library or the container
 * handed it over: what those rewrite or refuse before is theirs.
 */
final class HandedOver implements MeshServices, CallFactory, TablesListener, AutoCloseable {
  final TestMesh mesh = new TestMesh();
  private volatile @Nullable RequestHead last;

  /** Puts a configuration in force. */
  void use(Scenario scenario, Upstreams upstreams) {
    InmeshSide.feed(this, scenario, upstreams);
  }

  /** The request handed over since this was asked the last time; null: none. */
  @Nullable RequestHead take() {
    RequestHead head = last;
    last = null;
    return head;
  }

  @Override
  public @Nullable Call outbound(
      RequestHead head,
      BodyTraits body,
      CallContext parent,
      Capabilities can,
      Waker waker,
      long now) {
    last = head.copy();
    return mesh.calls().outbound(head, body, parent, can, waker, now);
  }

  @Override
  public Call inbound(
      RequestHead head, BodyTraits body, Connection from, Capabilities can, Waker waker, long now) {
    last = head.copy();
    return mesh.calls().inbound(head, body, from, can, waker, now);
  }

  @Override
  public CallFactory calls() {
    return this;
  }

  @Override
  public DriverEnvironment drivers() {
    return mesh.drivers();
  }

  @Override
  public OutboundSecurity outbound() {
    return mesh.outbound();
  }

  @Override
  public InboundSecurity inbound() {
    return mesh.inbound();
  }

  @Override
  public Runnable onDrain(Runnable hook) {
    return mesh.onDrain(hook);
  }

  @Override
  public boolean draining() {
    return mesh.draining();
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    mesh.use(cluster);
  }

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {
    mesh.clusters().endpoints(endpoints);
  }

  @Override
  public void onClusterRemoved(String name) {
    mesh.clusters().remove(name);
  }

  @Override
  public void onTables(MeshTables changed) {
    mesh.use(changed);
  }

  @Override
  public void onSubscriptions() {}

  @Override
  public void close() {
    mesh.close();
  }
}
