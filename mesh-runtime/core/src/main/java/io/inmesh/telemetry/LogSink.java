package io.inmesh.telemetry;

/** Takes lines of access logs. Never blocks. */
@FunctionalInterface
interface LogSink {
  void write(String line);
}
