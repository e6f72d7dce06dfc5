package io.inmesh.ledger;

/** What Inmesh does with a field of a configuration message. */
public enum SupportState {
  /** Does what Envoy does; the ledger names the test that shows it. */
  ENFORCED("enforced"),
  /** Ignored, and neither caller nor upstream nor metrics can tell. */
  HARMLESS("harmless"),
  /** Not done on purpose; requests that it governs are refused. */
  REFUSED("refused"),
  /** Not done so far. */
  NOT_YET("not yet");

  private final String label;

  SupportState(String label) {
    this.label = label;
  }

  /** As written in the ledger's file and documents. */
  public String label() {
    return label;
  }

  static SupportState of(String label) {
    for (SupportState s : values()) {
      if (s.label.equals(label)) {
        return s;
      }
    }
    throw new IllegalArgumentException("no such state: '" + label + "'");
  }
}
