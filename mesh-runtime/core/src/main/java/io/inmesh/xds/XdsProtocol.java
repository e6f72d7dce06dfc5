package io.inmesh.xds;

/** The two forms of an aggregated discovery stream. */
public enum XdsProtocol {
  /** Incremental: {@code DeltaAggregatedResources}. What sidecars of istiod use. */
  DELTA,
  /** {@code StreamAggregatedResources}, for control planes that have no delta. */
  STATE_OF_THE_WORLD;

  Wire<?, ?> newWire() {
    return this == DELTA ? new Wire.Delta() : new StateOfTheWorld();
  }
}
