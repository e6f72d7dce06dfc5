package io.inmesh.cli.check;

/** Whether something can move off its sidecar; the later, the worse. */
public enum Verdict {
  /** Everything in its configuration is enforced, or cannot be noticed. */
  READY("ready"),
  /** Its requests get through, and something named does not happen. */
  READY_EXCEPT("ready except"),
  /** Inmesh would refuse its requests, or some of them. */
  NOT_READY("not ready");

  private final String label;

  Verdict(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  Verdict worse(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
