package io.inmesh.config;

import java.util.List;

/**
 * A compiled {@code HttpConnectionManager.Tracing}. Percentages are 0 to 100.
 *
 * @param provider {@code envoy.tracers.zipkin}; empty: the manager makes no span
 * @param b3 the provider's context is B3; else W3C
 * @param randomSampling of requests that nobody has decided about
 * @param overallSampling at most
 * @param maxPathTagLength of {@code http.url}; 256 by default
 */
public record TracingConfig(
    String provider,
    boolean b3,
    double randomSampling,
    double overallSampling,
    int maxPathTagLength,
    List<CustomTag> customTags) {

  /**
   * {@code CustomTag}.
   *
   * @param name of the header or environment variable
   * @param value literal, or what stands for a missing one; empty: the tag is left out
   */
  public record CustomTag(String tag, Source source, String name, String value) {}

  /** Where a tag's value comes from. */
  public enum Source {
    LITERAL,
    ENVIRONMENT,
    HEADER,
    /** Dynamic metadata, of which there is none: the default value. */
    METADATA
  }
}
