package io.inmesh.controlplane.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Istio writes them: {@code 1.5s}, {@code 250ms}, {@code 1h30m}. */
final class Durations {
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(h|ms|m|us|ns|s)");
  private static final BigDecimal LONGEST = BigDecimal.valueOf(Duration.ofDays(3650).toNanos());

  private Durations() {}

  static Duration parse(Value value, String text) throws ConfigRefused {
    Matcher matcher = PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      nanos =
          nanos.add(
              new BigDecimal(matcher.group(1))
                  .multiply(BigDecimal.valueOf(unit(matcher.group(2)))));
      end = matcher.end();
    }
    if (end == 0 || end != text.length()) {
      throw value.refused("\"" + text + "\" is not a duration; write it like 1.5s, 250ms or 1h30m");
    }
    if (nanos.compareTo(LONGEST) > 0) {
      throw value.refused("\"" + text + "\" is more than ten years");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private static long unit(String unit) {
    return switch (unit) {
      case "h" -> 3_600_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "s" -> 1_000_000_000L;
      case "ms" -> 1_000_000L;
      case "us" -> 1_000L;
      default -> 1L;
    };
  }
}
