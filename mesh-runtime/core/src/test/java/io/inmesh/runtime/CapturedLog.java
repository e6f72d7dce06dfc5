package io.inmesh.runtime;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** What loggers {@code io.inmesh.*} print at INFO and above while it is open. */
final class CapturedLog implements AutoCloseable {
  private static final int INFO = 20;
  private static final int WARN = 30;

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  CapturedLog() throws ReflectiveOperationException {
    this(INFO);
  }

  /** From this level on, as slf4j-simple counts them; 0 for everything. */
  CapturedLog(int level) throws ReflectiveOperationException {
    level(level);
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  List<String> lines(String level) {
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(" " + level + " io.inmesh"))
        .toList();
  }

  String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws ReflectiveOperationException {
    System.setErr(before);
    level(WARN);
  }

  /** Loggers take their level when they are made, which other tests have done long ago. */
  private static void level(int level) throws ReflectiveOperationException {
    System.setProperty(
        "org.slf4j.simpleLogger.log.io.inmesh",
        level == INFO ? "info" : level < INFO ? "trace" : "warn");
    Object factory = LoggerFactory.getILoggerFactory();
    Field loggers = factory.getClass().getDeclaredField("loggerMap");
    loggers.setAccessible(true);
    for (Object logger : ((Map<?, ?>) loggers.get(factory)).values()) {
      if (((org.slf4j.Logger) logger).getName().startsWith("io.inmesh")) {
        Field current = logger.getClass().getDeclaredField("currentLogLevel");
        current.setAccessible(true);
        current.set(logger, level);
      }
    }
  }
}
