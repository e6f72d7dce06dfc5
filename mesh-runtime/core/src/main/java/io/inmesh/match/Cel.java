package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * An expression of CEL, as far as Istio's telemetry uses it: attributes, literals, lists, {@code ||
 * && ! == != < <= > >= + - in ?:}, {@code has}, {@code size}, {@code string}, {@code int}, {@code
 * startsWith}, {@code endsWith}, {@code contains}, {@code matches}. Values are Boolean, Long,
 * Double, String, {@link java.util.List} and {@link Lookup}. Immutable, thread-safe.
 */
@FunctionalInterface
public interface Cel {
  /** What has no value: an unknown attribute, a missing header, a comparison of unlike things. */
  Object ERROR =
      new Object() {
        @Override
        public String toString() {
          return "error";
        }
      };

  /** Never null; {@link #ERROR} where there is no value. */
  Object value(Attributes attributes);

  /** Whether it is true; an error is not. */
  default boolean test(Attributes attributes) {
    return Boolean.TRUE.equals(value(attributes));
  }

  /**
   * @throws IllegalArgumentException not an expression of this part of CEL; the message says where
   */
  static Cel compile(String text) {
    return new CelParser(text).parse();
  }

  /** What an expression may ask for. */
  @FunctionalInterface
  interface Attributes {
    /**
     * @param path {@code request.method}, {@code connection.mtls}
     * @return null: there is none
     */
    @Nullable Object attribute(String path);
  }

  /** A map that is only looked into: headers. */
  @FunctionalInterface
  interface Lookup {
    @Nullable String get(String key);
  }
}
