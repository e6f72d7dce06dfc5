package io.inmesh.benchmarks.performance;

import java.util.Locale;

/**
 * An aim, and what a run says of it. Claimed is only what held in every round: where the rounds lie
 * on both sides of the limit the run has not decided.
 *
 * @param aim in words
 * @param limit on which side of which the measured values should lie
 * @param below at most the limit; otherwise at least
 */
record Claim(String aim, double limit, boolean below) {
  static Claim atMost(String aim, double limit) {
    return new Claim(aim, limit, true);
  }

  static Claim atLeast(String aim, double limit) {
    return new Claim(aim, limit, false);
  }

  /** What becomes of the aim. */
  enum Verdict {
    REACHED("reached"),
    MISSED("missed"),
    NOT_CLAIMED("not claimed");

    final String text;

    Verdict(String text) {
      this.text = text;
    }
  }

  Verdict judge(Spread measured) {
    boolean allGood = below ? measured.most() <= limit : measured.least() >= limit;
    boolean allBad = below ? measured.least() > limit : measured.most() < limit;
    return allGood ? Verdict.REACHED : allBad ? Verdict.MISSED : Verdict.NOT_CLAIMED;
  }

  /** A row of a table. */
  String row(Spread measured, String unit) {
    return String.format(
        Locale.ROOT,
        "| %s | %s %s%s | %s%s | **%s** |%n",
        aim,
        below ? "at most" : "at least",
        number(limit),
        unit,
        measured.ratio(),
        unit,
        judge(measured).text);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
