package io.inmesh.controlplane.config;

/** Istio's StringMatch. A regex is RE2 and matches the whole value. */
public record StringMatch(Kind kind, String value) {

  /** How the value is compared; PRESENT asks only whether it is there. */
  public enum Kind {
    EXACT,
    PREFIX,
    REGEX,
    PRESENT
  }
}
