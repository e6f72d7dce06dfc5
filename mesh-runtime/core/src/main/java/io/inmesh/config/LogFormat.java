package io.inmesh.config;

/** One line of an access log, text or JSON, as configured (with its line feed, if it has one). */
@FunctionalInterface
public interface LogFormat {
  String format(LogFacts facts);
}
