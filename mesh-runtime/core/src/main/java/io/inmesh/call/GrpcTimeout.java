package io.inmesh.call;

import org.jspecify.annotations.Nullable;

/** The {@code grpc-timeout} header: up to eight digits and a unit. */
final class GrpcTimeout {
  private GrpcTimeout() {}

  /** 0 when there is none or it is not one. */
  static long nanos(@Nullable String value) {
    if (value == null || value.length() < 2 || value.length() > 9) {
      return 0;
    }
    long amount = 0;
    for (int i = 0; i < value.length() - 1; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
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
          default -> 0L;
        };
    return amount * unit;
  }
}
