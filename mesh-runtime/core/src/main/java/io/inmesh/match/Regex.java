package io.inmesh.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A {@code safe_regex}: RE2 syntax, linear time, and the whole value must match. Equal when the
 * expression is.
 */
public final class Regex implements StringMatcher {
  /** Longer ones are refused: compiling them would cost more than any policy is worth. */
  static final int MAX_LENGTH = 32 * 1024;

  /** Atoms after writing out counted repeats. */
  private static final int MAX_SIZE = 50_000;

  private final String expression;
  private final Pattern pattern;

  private Regex(String expression, Pattern pattern) {
    this.expression = expression;
    this.pattern = pattern;
  }

  /**
   * @throws IllegalArgumentException not an RE2 expression (back-references, look-around, too
   *     large); the message says what and where
   */
  public static Regex of(String expression) {
    if (expression.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "expression of " + expression.length() + " characters, at most " + MAX_LENGTH);
    }
    if (RegexSize.of(expression) > MAX_SIZE) {
      throw new IllegalArgumentException(
          "not an RE2 expression that can be compiled: its repeats make it too large");
    }
    try {
      return new Regex(expression, Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("not an RE2 expression: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("expression is nested too deeply", e);
    }
  }

  @Override
  public boolean matches(String value) {
    return pattern.matches(value);
  }

  Pattern pattern() {
    return pattern;
  }

  public String expression() {
    return expression;
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Regex that && expression.equals(that.expression);
  }

  @Override
  public int hashCode() {
    return expression.hashCode();
  }

  @Override
  public String toString() {
    return "Regex[" + expression + "]";
  }
}
