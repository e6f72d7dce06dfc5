package io.inmesh.admin;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Levels of the mesh's loggers. SLF4J can tell them, not change them: that is asked of Logback or
 * java.util.logging, whichever is behind it.
 */
final class Logging {
  private static final List<String> LOGGERS =
      List.of(
          "io.inmesh",
          "io.inmesh.access",
          "io.inmesh.admin",
          "io.inmesh.call",
          "io.inmesh.config",
          "io.inmesh.config.support",
          "io.inmesh.identity",
          "io.inmesh.rbac",
          "io.inmesh.server",
          "io.inmesh.telemetry",
          "io.inmesh.upstream",
          "io.inmesh.xds");

  private Logging() {}

  static Page page(boolean reads, Query query) {
    if (!reads) {
      for (Map.Entry<String, List<String>> change : query.values().entrySet()) {
        String level = change.getValue().get(0).toUpperCase(Locale.ROOT);
        if (!LOGGERS.contains(change.getKey())) {
          throw new IllegalArgumentException("no logger " + change.getKey() + " of the mesh");
        }
        Level wanted = Level.valueOf(level);
        if (!set(LoggerFactory.getLogger(change.getKey()), change.getKey(), wanted)) {
          return Page.text(
              501,
              "levels can be changed of Logback and java.util.logging only; yours is another\n");
        }
      }
    }
    StringBuilder text = new StringBuilder("active loggers:\n");
    for (String name : LOGGERS) {
      text.append("  ").append(name).append(": ").append(level(LoggerFactory.getLogger(name)));
      text.append('\n');
    }
    return Page.text(200, text.toString());
  }

  private static String level(Logger logger) {
    for (Level level :
        new Level[] {Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR}) {
      if (logger.isEnabledForLevel(level)) {
        return level.name().toLowerCase(Locale.ROOT);
      }
    }
    return "off";
  }

  private static boolean set(Logger logger, String name, Level level) {
    String backend = logger.getClass().getName();
    if (backend.equals("org.slf4j.jul.JDK14LoggerAdapter")) {
      java.util.logging.Logger.getLogger(name)
          .setLevel(
              switch (level) {
                case TRACE -> java.util.logging.Level.FINEST;
                case DEBUG -> java.util.logging.Level.FINE;
                case INFO -> java.util.logging.Level.INFO;
                case WARN -> java.util.logging.Level.WARNING;
                case ERROR -> java.util.logging.Level.SEVERE;
              });
      return true;
    }
    if (!backend.equals("ch.qos.logback.classic.Logger")) {
      return false;
    }
    try {
      Class<?> levels =
          Class.forName("ch.qos.logback.classic.Level", true, logger.getClass().getClassLoader());
      Object value = levels.getMethod("toLevel", String.class).invoke(null, level.name());
      Method setLevel = logger.getClass().getMethod("setLevel", levels);
      setLevel.invoke(logger, value);
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
