package io.inmesh.runtime;

import io.grpc.ManagedChannel;
import io.inmesh.config.Endpoint;
import io.inmesh.config.TransportSocket;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import io.inmesh.xds.ControlPlane;
import java.util.List;

/**
 * A server of secrets that is a cluster of the configuration ({@code envoy_grpc}): its first host,
 * which has to be on this machine, as keys travel in clear.
 */
record SecretCluster(Clusters clusters, String name) implements ControlPlane {

  @Override
  public ManagedChannel newChannel() {
    Cluster cluster = clusters.find(name);
    List<Host> hosts = cluster == null ? List.of() : cluster.hosts();
    if (hosts.isEmpty()) {
      throw new IllegalStateException(
          cluster == null
              ? "there is no cluster " + name + " to fetch secrets from"
              : "cluster " + name + " has no host to fetch secrets from");
    }
    Host host = hosts.get(0);
    if (!(host.socket() instanceof TransportSocket.Plaintext)) {
      throw new IllegalStateException(
          "secrets are not fetched by TLS here: cluster " + name + " has a transport socket");
    }
    Endpoint endpoint = host.endpoint();
    String target =
        endpoint.host().startsWith("unix:")
            ? endpoint.host()
            : endpoint.host() + ":" + endpoint.port();
    return ControlPlanes.local(target).newChannel();
  }

  @Override
  public String toString() {
    return "cluster " + name;
  }
}
