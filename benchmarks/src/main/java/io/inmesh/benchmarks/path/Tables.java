package io.inmesh.benchmarks.path;

import io.inmesh.benchmarks.path.Measured.PerRequest;
import io.inmesh.benchmarks.path.Measured.Spread;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** Markdown of what was measured. */
final class Tables {
  private Tables() {}

  static String of(int threads, Map<Arm, Measured> measured) {
    StringBuilder text = new StringBuilder();
    text.append("### ").append(threads).append(threads == 1 ? " thread\n\n" : " threads\n\n");
    text.append("| arm | p50 | CPU a request | allocated, calling thread | allocated, server |")
        .append(" requests | failed |\n|---|---|---|---|---|---|---|\n");
    for (Arm arm : Arm.values()) {
      Measured of = arm(measured, arm);
      line(
          text,
          "| %s | %.0f µs | %.0f µs | %.1f KB | %.1f KB | %d | %d |%n",
          name(arm),
          of.median(PerRequest::p50Nanos) / 1000,
          of.median(PerRequest::cpuNanos) / 1000,
          of.median(PerRequest::callerBytes) / 1024,
          of.median(PerRequest::serverBytes) / 1024,
          of.requests(),
          of.failures());
    }
    text.append("\n| ratio, median (min to max) | p50 | CPU a request |")
        .append(" added, calling thread | added, server |\n|---|---|---|---|---|\n");
    compare(text, measured, Arm.MESHED, Arm.RAW);
    compare(text, measured, Arm.MESHED_MTLS, Arm.RAW_TLS);
    compare(text, measured, Arm.MESHED_MTLS, Arm.RAW);
    return text.toString();
  }

  private static void compare(StringBuilder text, Map<Arm, Measured> measured, Arm arm, Arm with) {
    Measured one = arm(measured, arm);
    Measured other = arm(measured, with);
    line(
        text,
        "| %s / %s | %s | %s | %+.0f B | %+.0f B |%n",
        name(arm),
        name(with),
        ratio(one, other, PerRequest::p50Nanos),
        ratio(one, other, PerRequest::cpuNanos),
        one.median(PerRequest::callerBytes) - other.median(PerRequest::callerBytes),
        one.median(PerRequest::serverBytes) - other.median(PerRequest::serverBytes));
  }

  private static String ratio(Measured one, Measured other, ToDoubleFunction<PerRequest> figure) {
    Spread spread = one.ratio(other, figure);
    return String.format(
        Locale.ROOT, "%.2f (%.2f to %.2f)", spread.median(), spread.least(), spread.most());
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  private static Measured arm(Map<Arm, Measured> measured, Arm arm) {
    return Objects.requireNonNull(measured.get(arm));
  }

  private static String name(Arm arm) {
    return switch (arm) {
      case RAW -> "raw";
      case MESHED -> "meshed, plaintext";
      case RAW_TLS -> "raw, TLS";
      case MESHED_MTLS -> "meshed, mTLS";
    };
  }
}
