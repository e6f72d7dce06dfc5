package io.inmesh.telemetry;

import java.util.function.DoubleConsumer;

/** Where the values of histograms go as well. */
@FunctionalInterface
interface HistogramSink {
  /** For one series; asked once. */
  DoubleConsumer of(String family, Labels labels);
}
