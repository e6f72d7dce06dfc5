package io.inmesh.cli.check;

/**
 * Why something is not simply ready.
 *
 * @param field of Envoy's message, in full; or what the compilers call the place
 * @param text what the ledger or the compiler says
 * @param where the resource, and the way to the field in it
 */
public record Reason(Verdict verdict, String field, String text, String where) {
  /** Reasons that a reader would take for the same one. */
  String key() {
    return verdict + field + "\n" + text;
  }
}
