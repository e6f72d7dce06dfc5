package io.inmesh.call;

/** Small numbers as text: attempts and milliseconds are written into every head. */
final class Decimals {
  private static final String[] SMALL = new String[256];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = Integer.toString(i);
    }
  }

  private Decimals() {}

  static String of(long number) {
    return number >= 0 && number < SMALL.length ? SMALL[(int) number] : Long.toString(number);
  }
}
