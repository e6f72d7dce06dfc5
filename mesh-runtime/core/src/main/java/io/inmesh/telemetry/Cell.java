package io.inmesh.telemetry;

/** One series. */
abstract class Cell {
  private final Labels labels;
  private final String stat;

  /**
   * @param stat Envoy's name with dots; empty: Envoy has none for it
   */
  Cell(Labels labels, String stat) {
    this.labels = labels;
    this.stat = stat;
  }

  final Labels labels() {
    return labels;
  }

  final String stat() {
    return stat;
  }
}
