package io.inmesh.config;

/** A compiled {@code AccessLogFilter}. Immutable, thread-safe. */
@FunctionalInterface
public interface LogCondition {
  LogCondition ALWAYS = facts -> true;

  boolean test(LogFacts facts);
}
