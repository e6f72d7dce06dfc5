package io.inmesh.telemetry;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Names and values of one series, in turn. Immutable. */
public final class Labels {
  /** What series beyond the limit of a family are counted under, as OpenTelemetry has it. */
  static final Labels OVERFLOW = Labels.of("otel_metric_overflow", "true");

  static final Labels NONE = new Labels(new String[0]);

  private final String[] pairs;
  private final int hash;

  private Labels(String[] pairs) {
    this.pairs = pairs;
    this.hash = Arrays.hashCode(pairs);
  }

  /** No label. */
  public static Labels none() {
    return NONE;
  }

  /** Names and values in turn. */
  public static Labels of(String... namesAndValues) {
    return new Labels(namesAndValues);
  }

  Labels and(String name, String value) {
    String[] more = Arrays.copyOf(pairs, pairs.length + 2);
    more[pairs.length] = name;
    more[pairs.length + 1] = value;
    return new Labels(more);
  }

  Labels with(Labels others) {
    String[] more = Arrays.copyOf(pairs, pairs.length + others.pairs.length);
    System.arraycopy(others.pairs, 0, more, pairs.length, others.pairs.length);
    return new Labels(more);
  }

  public int size() {
    return pairs.length / 2;
  }

  public String name(int index) {
    return pairs[2 * index];
  }

  public String value(int index) {
    return pairs[2 * index + 1];
  }

  /** Null: there is no such label. */
  public @Nullable String value(String name) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equals(name)) {
        return pairs[i + 1];
      }
    }
    return null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Labels that && hash == that.hash && Arrays.equals(pairs, that.pairs);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return Arrays.toString(pairs);
  }
}
