package io.inmesh.differential;

import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.List;

/**
 * A configuration and the requests asked of it.
 *
 * @param inbound a server's sidecar: the upstream is the application itself
 * @param peer who asks a server: {@link Peers}
 * @param manager routes are inline; the router stands last among the filters
 */
public record Scenario(
    boolean inbound, String peer, HttpConnectionManager manager, List<Asked> requests) {

  /** In plaintext. */
  Scenario(boolean inbound, HttpConnectionManager manager, List<Asked> requests) {
    this(inbound, Peers.PLAINTEXT, manager, requests);
  }

  Scenario with(List<Asked> others) {
    return new Scenario(inbound, peer, manager, others);
  }

  @Override
  public String toString() {
    return (inbound ? "inbound " + peer + " " : "outbound ")
        + Protos.json(manager)
        + "\n"
        + requests;
  }
}
