package io.inmesh.identity;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which subject alternative names a peer may have: Envoy's {@code match_subject_alt_names}. A peer
 * passes if one of its names does. Implementations have value equality, since connection pools are
 * told apart by it, and a {@code toString} for error messages.
 */
public interface SanMatcher extends Predicate<String> {

  /** Whether one of the names passes. */
  default boolean matchesAny(Collection<String> names) {
    for (String name : names) {
      if (test(name)) {
        return true;
      }
    }
    return false;
  }

  /** One of these, letter by letter. An empty collection matches nothing. */
  static SanMatcher exact(Collection<String> names) {
    return new Exact(Set.copyOf(names));
  }

  static SanMatcher exact(String... names) {
    return exact(List.of(names));
  }

  /** Names that start so. */
  static SanMatcher prefix(String prefix) {
    return new Prefix(prefix);
  }

  /** Every workload of a trust domain: {@code spiffe://<trust domain>/}. */
  static SanMatcher trustDomain(String trustDomain) {
    return new Prefix("spiffe://" + trustDomain + "/");
  }

  /** A host name as in HTTPS; a certificate's {@code *.} stands for one label. */
  static SanMatcher dns(String host) {
    return new Dns(host.toLowerCase(Locale.ROOT));
  }

  /**
   * A rule that somebody else has compiled.
   *
   * @param text the rule in words: two of the same text are equal
   */
  static SanMatcher described(String text, Predicate<String> rule) {
    return new Described(text, rule);
  }

  /** One of several matchers. */
  static SanMatcher anyOf(Collection<? extends SanMatcher> matchers) {
    return new AnyOf(Set.copyOf(matchers));
  }

  /** Anybody whose chain leads to a root, a certificate without names included. */
  static SanMatcher any() {
    return Any.INSTANCE;
  }

  /** See {@link #exact(Collection)}. */
  record Exact(Set<String> names) implements SanMatcher {
    @Override
    public boolean test(String name) {
      return names.contains(name);
    }

    @Override
    public String toString() {
      return "one of " + new TreeSet<>(names);
    }
  }

  /** See {@link #prefix(String)}. */
  record Prefix(String prefix) implements SanMatcher {
    @Override
    public boolean test(String name) {
      return name.startsWith(prefix);
    }

    @Override
    public String toString() {
      return "any name starting with " + prefix;
    }
  }

  /** See {@link #dns(String)}. */
  record Dns(String host) implements SanMatcher {
    @Override
    public boolean test(String name) {
      String pattern = name.toLowerCase(Locale.ROOT);
      int dot = host.indexOf('.');
      return pattern.equals(host)
          || pattern.startsWith("*.")
              && dot > 0
              && host.substring(dot).equals(pattern.substring(1));
    }

    @Override
    public String toString() {
      return "host name " + host;
    }
  }

  /** See {@link #described(String, Predicate)}. */
  record Described(String text, Predicate<String> rule) implements SanMatcher {
    @Override
    public boolean test(String name) {
      return rule.test(name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Described that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
      return text.hashCode();
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** See {@link #anyOf(Collection)}. */
  record AnyOf(Set<SanMatcher> matchers) implements SanMatcher {
    @Override
    public boolean test(String name) {
      for (SanMatcher matcher : matchers) {
        if (matcher.test(name)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      return matchers.toString();
    }
  }

  /** See {@link #any()}. */
  enum Any implements SanMatcher {
    INSTANCE;

    @Override
    public boolean test(String name) {
      return true;
    }

    @Override
    public boolean matchesAny(Collection<String> names) {
      return true;
    }

    @Override
    public String toString() {
      return "anybody";
    }
  }
}
