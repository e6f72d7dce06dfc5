package io.inmesh.config;

/** {@code FractionalPercent}: numerator of a hundred, ten thousand or a million. */
public record Fraction(int numerator, int denominator) {
  public static final Fraction ALWAYS = new Fraction(100, 100);

  /**
   * @param random any 64 bits
   */
  public boolean hit(long random) {
    return Long.remainderUnsigned(random, denominator) < numerator;
  }
}
