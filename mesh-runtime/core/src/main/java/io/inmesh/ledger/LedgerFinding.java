package io.inmesh.ledger;

/**
 * Something in a resource that is not enforced.
 *
 * @param field {@code envoy.config.cluster.v3.Cluster.health_checks}; with an enum value {@code
 *     ...lb_policy=MAGLEV}; of an unknown field its number, {@code ...Cluster.(99)}; of an unknown
 *     message its type URL
 * @param where the way to its first occurrence, field by field, from the top of the resource
 * @param count how often the resource contains it
 * @param reason what the ledger says, or why it is unknown
 */
public record LedgerFinding(String field, String where, int count, String reason) {}
