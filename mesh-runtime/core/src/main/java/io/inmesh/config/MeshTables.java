package io.inmesh.config;

/**
 * The snapshot root: everything that a new call looks at, swapped as one. Clusters are not in it:
 * they are found by name in the upstream package, where each is swapped alone.
 *
 * @param version rises with each change; for logs and admin
 */
public record MeshTables(long version, OutboundTable outbound, InboundTable inbound) {}
