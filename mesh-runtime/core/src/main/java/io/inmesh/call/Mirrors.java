package io.inmesh.call;

import io.inmesh.config.RouteAction;
import io.inmesh.config.TransportSocket;
import io.inmesh.http.RequestHead;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Lease;
import io.inmesh.upstream.PickRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies of a request whose answers nobody reads. Never waited for: when the call ends their leases
 * do, the copies run on.
 */
final class Mirrors {
  private final List<Attempt> flying = new ArrayList<>(1);

  /**
   * @param timeoutNanos of the route: a mirrored request is tried once, so that no try's is told
   */
  void start(
      OutboundCall call, PickRequest pick, List<RouteAction.Mirror> mirrors, long timeoutNanos) {
    for (RouteAction.Mirror mirror : mirrors) {
      Cluster cluster = call.env.clusters().find(mirror.cluster());
      if (cluster != null
          && mirror.fraction().hit(call.random())
          && cluster.acquire(pick, call.nowNanos()) instanceof Lease lease) {
        start(call, mirror, cluster, lease, timeoutNanos);
      }
    }
  }

  private void start(
      OutboundCall call,
      RouteAction.Mirror mirror,
      Cluster cluster,
      Lease lease,
      long timeoutNanos) {
    TransportSocket socket = lease.host().socket();
    if (socket instanceof TransportSocket.Unsupported) {
      lease.end(call.nowNanos());
      return;
    }
    Attempt attempt = new Attempt(call.nextNumber(), lease);
    flying.add(attempt);
    RequestHead head = call.request().copy();
    head.headers().set("x-envoy-internal", "true");
    if (timeoutNanos > 0) {
      UpstreamHead.expect(head, timeoutNanos);
    }
    if (mirror.shadowSuffix()) {
      head.authority(UpstreamHead.shadow(head.authority()));
    }
    Wire wire = call.wire(cluster.config(), lease.host());
    call.commands.add(new Command.Mirror(attempt.number, lease.host(), wire, head));
  }

  void connected(int number, long nowNanos) {
    for (Attempt mirror : flying) {
      if (mirror.number == number) {
        mirror.lease.connected(nowNanos);
      }
    }
  }

  /** True if that number is a mirror's. */
  boolean end(int number, long nowNanos) {
    for (Attempt mirror : flying) {
      if (mirror.number == number) {
        flying.remove(mirror);
        mirror.lease.end(nowNanos);
        return true;
      }
    }
    return false;
  }

  void release(long nowNanos) {
    for (Attempt mirror : flying) {
      mirror.lease.end(nowNanos);
    }
    flying.clear();
  }
}
