package io.inmesh.config;

import java.util.List;

/**
 * A compiled {@code ClusterLoadAssignment}.
 *
 * @param overprovisioningPercent {@code policy.overprovisioning_factor}; 140 when missing
 */
public record ClusterEndpoints(
    String edsName, List<LocalityEndpoints> localities, int overprovisioningPercent) {}
