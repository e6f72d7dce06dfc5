package io.inmesh.match;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds of {@code ValueMatcher}, over values as {@link RequestFacts#metadata} gives them. */
public final class MetadataValues {
  /** A JSON null, as opposed to nothing. */
  public static final Object NULL = new Object();

  private MetadataValues() {}

  /** A compiled {@code ValueMatcher}. */
  @FunctionalInterface
  public interface ValueMatcher {
    /**
     * @param value null: nothing is there
     */
    boolean matches(@Nullable Object value);
  }

  public static ValueMatcher isNull() {
    return value -> value == NULL;
  }

  /** {@code present_match}; false never matches, as in Envoy. */
  public static ValueMatcher present(boolean present) {
    return value -> present && value != null;
  }

  public static ValueMatcher bool(boolean wanted) {
    return value -> value instanceof Boolean found && found == wanted;
  }

  public static ValueMatcher number(double start, double end) {
    return value -> value instanceof Number n && n.doubleValue() >= start && n.doubleValue() < end;
  }

  public static ValueMatcher number(double exact) {
    return value -> value instanceof Number n && n.doubleValue() == exact;
  }

  public static ValueMatcher string(StringMatcher matcher) {
    return value -> value instanceof String text && matcher.matches(text);
  }

  /** {@code list_match.one_of}. */
  public static ValueMatcher oneOf(ValueMatcher element) {
    return value -> value instanceof List<?> list && list.stream().anyMatch(element::matches);
  }

  public static ValueMatcher or(List<ValueMatcher> matchers) {
    List<ValueMatcher> all = List.copyOf(matchers);
    return value -> all.stream().anyMatch(m -> m.matches(value));
  }
}
