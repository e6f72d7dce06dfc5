package io.inmesh.benchmarks.performance;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Markdown of what was measured. */
final class Tables {
  static final double P50_AIM = 1.05;
  static final double CPU_AIM = 1.10;
  static final double ENVOYS_AIM = 3;
  static final double START_AIM = 500;
  private static final double KIB = 1024;
  private static final double MIB = 1024 * 1024;

  private Tables() {}

  /** What the aims say; decided here and nowhere else. */
  static String verdicts(Results results) {
    StringBuilder text = new StringBuilder();
    text.append("| aim | limit | measured, median (least to most) | |\n|---|---|---|---|\n");
    for (Arm arm : results.arms()) {
      if (arm.way() == Way.INMESH) {
        text.append(claim(results, "p50", arm, arm.raw(), P50_AIM, Figures::p50Nanos));
      }
    }
    for (Arm arm : results.arms()) {
      if (arm.way() == Way.INMESH) {
        text.append(claim(results, "CPU a request", arm, arm.raw(), CPU_AIM, Figures::cpuNanos));
      }
    }
    for (Arm arm : results.arms()) {
      if (arm.way() == Way.ENVOYS) {
        Arm inmesh = arm.by(Way.INMESH);
        text.append(
            Claim.atLeast("p50, " + name(arm) + " / " + name(inmesh), ENVOYS_AIM)
                .row(results.ratio(arm, inmesh, Figures::p50Nanos), ""));
      }
    }
    return text.toString();
  }

  /** From the call of {@code Mesh.start}, and from its return. */
  static String start(String security, List<Fleet.Start> starts) {
    Claim whole = Claim.atMost("first answer after Mesh.start was called, " + security, START_AIM);
    Claim call = Claim.atMost("first answer after Mesh.start returned, " + security, START_AIM);
    return whole.row(millis(starts, start -> start.mesh() + start.call()), " ms")
        + call.row(millis(starts, Fleet.Start::call), " ms");
  }

  private static Spread millis(List<Fleet.Start> starts, ToDoubleFunction<Fleet.Start> nanos) {
    return Spread.of(starts.stream().map(start -> nanos.applyAsDouble(start) / 1e6).toList());
  }

  private static String claim(
      Results results,
      String what,
      Arm arm,
      Arm raw,
      double limit,
      ToDoubleFunction<Figures> figure) {
    return Claim.atMost(what + ", " + name(arm) + " / raw", limit)
        .row(results.ratio(arm, raw, figure), "");
  }

  private static String name(Arm arm) {
    return arm.title() + ", " + arm.security();
  }

  /** Plaintext or mTLS. */
  static String measured(Results results, boolean mtls) {
    List<Arm> arms = results.arms().stream().filter(arm -> arm.mtls() == mtls).toList();
    StringBuilder text = new StringBuilder();
    text.append("### ").append(mtls ? "mTLS" : "Plaintext").append("\n\n");
    text.append("At a fixed rate:\n\n");
    text.append("| | p50 | p99 | CPU a request | context switches a request |\n");
    text.append("|---|---|---|---|---|\n");
    for (Arm arm : arms) {
      line(
          text,
          "| %s | %.0f µs | %.0f µs | %.0f µs | %.1f |%n",
          arm.title(),
          results.median(arm, Figures::p50Nanos) / 1000,
          results.median(arm, Figures::p99Nanos) / 1000,
          results.median(arm, Figures::cpuNanos) / 1000,
          results.median(arm, Figures::switches));
    }
    text.append("\n| to raw, median of rounds (least to most) | p50 | p99 | CPU a request |\n");
    text.append("|---|---|---|---|\n");
    for (Arm arm : arms) {
      if (arm.way() != Way.RAW) {
        line(
            text,
            "| %s | %s | %s | %s |%n",
            arm.title(),
            results.ratio(arm, arm.raw(), Figures::p50Nanos).ratio(),
            results.ratio(arm, arm.raw(), Figures::p99Nanos).ratio(),
            results.ratio(arm, arm.raw(), Figures::cpuNanos).ratio());
      }
    }
    text.append(saturated(results, arms));
    return text.toString();
  }

  private static String saturated(Results results, List<Arm> arms) {
    StringBuilder text = new StringBuilder();
    text.append("\nAs fast as it goes, and what is held at the end:\n\n");
    text.append("| | requests a second | to raw | CPU a request | allocated, calling thread |")
        .append(" allocated, server | resident, all processes | heap after collection |")
        .append(" requests | failed |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (Arm arm : arms) {
      Results.Memory memory = results.memory(arm);
      line(
          text,
          "| %s | %.0f | %s | %.0f µs | %.1f KB | %.1f KB | %.0f MB | %.1f MB | %d | %d |%n",
          arm.title(),
          results.median(arm, Figures::perSecond),
          arm.way() == Way.RAW ? "" : results.ratio(arm, arm.raw(), Figures::perSecond).ratio(),
          results.median(arm, Figures::busyCpuNanos) / 1000,
          results.median(arm, Figures::callerBytes) / KIB,
          results.median(arm, Figures::serverBytes) / KIB,
          memory.residentBytes() / MIB,
          memory.retainedBytes() / MIB,
          results.requests(arm),
          results.failures(arm));
    }
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
