package io.inmesh.call;

import org.jspecify.annotations.Nullable;

/** The {@code grpc-timeout} header: up to eight digits and a unit. */
final class GrpcTimeout {
  private GrpcTimeout() {}

  /** 0 when there is none or it is not one. */
  static long nanos(@Nullable String value) {
    return Math.max(0, nanosOrNegative(value));
  }

  /** As Envoy writes it. */
  static String of(long nanos) {
    return nanos / 1_000_000 + "m";
  }

  /** Negative when there is none or it is not one. */
  static long nanosOrNegative(@Nullable String value) {
    if (value == null || value.length() < 2 || value.length() > 9) {
      return -1;
    }
    long amount = 0;
    for (int i = 0; i < value.length() - 1; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      amount = amount * 10 + digit;
    }
    long unit =
        switch (value.charAt(value.length() - 1)) {
          case 'H' -> 3_600_000_000_000L;
          case 'M' -> 60_000_000_000L;
          case 'S' -> 1_000_000_000L;
          case 'm' -> 1_000_000L;
          case 'u' -> 1_000L;
          case 'n' -> 1L;
          default -> -1L;
        };
    return unit < 0 ? -1 : amount * unit;
  }
}
