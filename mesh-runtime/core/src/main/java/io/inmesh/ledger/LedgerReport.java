package io.inmesh.ledger;

import java.util.List;
import java.util.Map;

/**
 * What one resource contains, judged by the ledger. Immutable.
 *
 * @param typeUrl the resource's type URL
 * @param resource its name, or empty if it has none
 * @param counts number of different fields in the resource, by state; every state has an entry
 * @param notYet fields that are not enforced so far; of nested ones only the outermost
 * @param refused fields and messages that are refused on purpose
 * @param unknown fields newer than the messages known here, unknown types, bytes that cannot be
 *     read
 * @param complete false if the walk ended early (bad bytes) or findings were left out (too many)
 */
public record LedgerReport(
    String typeUrl,
    String resource,
    Map<SupportState, Integer> counts,
    List<LedgerFinding> notYet,
    List<LedgerFinding> refused,
    List<LedgerFinding> unknown,
    boolean complete) {

  /** Whether every field is enforced or harmless. */
  public boolean isFullySupported() {
    return complete && notYet.isEmpty() && refused.isEmpty() && unknown.isEmpty();
  }
}
