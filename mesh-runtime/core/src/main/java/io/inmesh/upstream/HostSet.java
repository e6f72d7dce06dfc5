package io.inmesh.upstream;

import java.util.List;

/**
 * The members of a cluster, as EDS, DNS or the cluster itself names them; immutable. Health is not
 * here: see {@link LoadTable}.
 *
 * @param levels by priority, gaps filled with empty ones; at least one
 * @param hosts all of them, each once
 */
record HostSet(List<Level> levels, List<Host> hosts, int overprovisioningPercent) {
  /** {@code overprovisioning_factor} when nobody says otherwise. */
  static final int OVERPROVISIONING = 140;

  /** One priority. */
  record Level(List<Locality> localities) {}

  /**
   * Hosts of one locality.
   *
   * @param weight 0: none, which takes no traffic if localities are weighted
   */
  record Locality(String name, int weight, List<Host> hosts) {}
}
