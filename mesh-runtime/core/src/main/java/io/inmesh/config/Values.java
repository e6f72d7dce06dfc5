package io.inmesh.config;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.inmesh.proto.envoy.config.core.v3.RuntimeFractionalPercent;
import io.inmesh.proto.envoy.type.v3.FractionalPercent;
import java.util.concurrent.TimeUnit;

/** Scalars of Envoy's messages as the tables hold them. */
final class Values {
  private static final long MAX_SECONDS = TimeUnit.NANOSECONDS.toSeconds(Long.MAX_VALUE) - 1;

  private Values() {}

  /**
   * Nanoseconds; what does not fit into a long (istiod writes "for ever" as 292 years) is cut.
   *
   * @throws ConfigException if negative, as Envoy's validation has it
   */
  static long nanos(String field, Duration duration) {
    if (duration.getSeconds() < 0 || duration.getNanos() < 0 || duration.getNanos() > 999_999_999) {
      throw new ConfigException(field, "a duration must not be negative");
    }
    return TimeUnit.SECONDS.toNanos(Math.min(duration.getSeconds(), MAX_SECONDS))
        + duration.getNanos();
  }

  static long nanos(String field, boolean present, Duration duration, long otherwise) {
    return present ? nanos(field, duration) : otherwise;
  }

  static long positiveNanos(String field, boolean present, Duration duration, long otherwise) {
    long nanos = nanos(field, present, duration, otherwise);
    if (present && nanos == 0) {
      throw new ConfigException(field, "must be greater than 0");
    }
    return nanos;
  }

  /** Unsigned, since 2^32-1 is what "no limit" looks like. */
  static long unsigned(boolean present, UInt32Value value, long otherwise) {
    return present ? Integer.toUnsignedLong(value.getValue()) : otherwise;
  }

  /** An unsigned 32-bit number where an int is wanted: what is above is cut. */
  static int number(boolean present, UInt32Value value, int otherwise) {
    return present ? positive(value.getValue()) : otherwise;
  }

  static int positive(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  static int percent(String field, boolean present, UInt32Value value, int otherwise) {
    int percent = number(present, value, otherwise);
    if (percent > 100) {
      throw new ConfigException(field, "must be at most 100, is " + percent);
    }
    return percent;
  }

  static boolean bool(boolean present, BoolValue value, boolean otherwise) {
    return present ? value.getValue() : otherwise;
  }

  /** The default; there is no runtime (RTDS) that could override it. */
  static Fraction fraction(RuntimeFractionalPercent percent) {
    return fraction(percent.getDefaultValue());
  }

  static Fraction fraction(FractionalPercent percent) {
    int denominator =
        switch (percent.getDenominator()) {
          case HUNDRED -> 100;
          case TEN_THOUSAND -> 10_000;
          case MILLION -> 1_000_000;
          case UNRECOGNIZED -> throw new ConfigException("denominator", "unknown value");
        };
    return new Fraction(positive(percent.getNumerator()), denominator);
  }
}
