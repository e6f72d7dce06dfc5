package io.inmesh.telemetry;

import io.inmesh.config.AccessLogConfig;
import io.inmesh.config.LogFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where access logs go. A file is opened once, whoever writes to it. Thread-safe. */
final class AccessLogs implements AutoCloseable {
  /** What the settings make of the configuration. */
  enum Mode {
    AS_CONFIGURED,
    /** Lines for files go to the logger {@code io.inmesh.access} instead. */
    SLF4J,
    OFF
  }

  /** Takes what OpenTelemetry logs get. */
  @FunctionalInterface
  interface Records {
    void emit(String log, String body, Map<String, String> attributes);
  }

  private static final Logger ACCESS = LoggerFactory.getLogger("io.inmesh.access");
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");

  private final Mode mode;
  private final @Nullable Records records;
  private final Map<String, FileSink> files = new ConcurrentHashMap<>();

  /**
   * @param records null: the application has given no OpenTelemetry
   */
  AccessLogs(Mode mode, @Nullable Records records) {
    this.mode = mode;
    this.records = records;
  }

  /** One access log of one connection manager. */
  @FunctionalInterface
  interface Writer {
    void write(LogValues values);
  }

  List<Writer> writers(List<AccessLogConfig> configs) {
    List<Writer> writers = new ArrayList<>();
    for (AccessLogConfig config : configs) {
      Writer writer = mode == Mode.OFF ? null : writer(config);
      if (writer != null) {
        writers.add(
            values -> {
              if (config.condition().test(values)) {
                writer.write(values);
              }
            });
      }
    }
    return List.copyOf(writers);
  }

  private @Nullable Writer writer(AccessLogConfig config) {
    LogFormat format = config.format();
    if (config.kind() == AccessLogConfig.Kind.FILE) {
      LogSink sink =
          mode == Mode.SLF4J
              ? line ->
                  ACCESS.info(
                      "{}", line.endsWith("\n") ? line.substring(0, line.length() - 1) : line)
              : files.computeIfAbsent(config.target(), FileSink::new);
      return values -> sink.write(format.format(values));
    }
    Records to = records;
    if (to == null) {
      LOG.atWarn()
          .addKeyValue("log", config.target())
          .log(
              "an access log for OpenTelemetry goes nowhere: give the mesh the application's"
                  + " OpenTelemetry with MeshConfig.builder().with(OpenTelemetry.class, ...)");
      return null;
    }
    return values -> {
      Map<String, String> attributes = new HashMap<>();
      config.attributes().forEach((key, value) -> attributes.put(key, value.format(values)));
      to.emit(config.target(), format.format(values), attributes);
    };
  }

  @Override
  public void close() {
    files.values().forEach(FileSink::close);
  }
}
