package io.inmesh.match;

/**
 * {@code Int64Range} and {@code Int32Range}: from {@code start} up to, but without, {@code end}. As
 * a matcher it wants the whole text to be a decimal integer with an optional sign.
 */
public record IntRange(long start, long end) implements StringMatcher {
  public boolean contains(long value) {
    return value >= start && value < end;
  }

  @Override
  public boolean matches(String value) {
    return matches(value, 0, value.length());
  }

  @Override
  public boolean matches(String text, int from, int to) {
    if (from == to) {
      return false;
    }
    char sign = text.charAt(from);
    int at = sign == '-' || sign == '+' ? from + 1 : from;
    if (at == to) {
      return false;
    }
    // negative, since there is one more negative number than there are positive ones
    long value = 0;
    for (; at < to; at++) {
      int digit = text.charAt(at) - '0';
      if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
        return false;
      }
      value = value * 10 - digit;
    }
    if (sign != '-') {
      if (value == Long.MIN_VALUE) {
        return false;
      }
      value = -value;
    }
    return contains(value);
  }
}
