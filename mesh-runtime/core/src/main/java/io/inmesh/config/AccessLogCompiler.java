package io.inmesh.config;

import com.google.protobuf.Struct;
import io.inmesh.config.AccessLogConfig.Kind;
import io.inmesh.proto.envoy.config.accesslog.v3.AccessLog;
import io.inmesh.proto.envoy.config.core.v3.SubstitutionFormatString;
import io.inmesh.proto.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.inmesh.proto.envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig;
import io.inmesh.proto.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.inmesh.proto.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.inmesh.proto.opentelemetry.proto.common.v1.AnyValue;
import io.inmesh.proto.opentelemetry.proto.common.v1.KeyValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code envoy.config.accesslog.v3.AccessLog}. A log that cannot be written refuses no request. */
final class AccessLogCompiler {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");
  private static final String LOGGERS = "envoy.extensions.access_loggers.";

  /** Envoy's, where none is configured. */
  private static final String DEFAULT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
          + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
          + " \"%UPSTREAM_HOST%\"\n";

  private AccessLogCompiler() {}

  /** Empty: it is not written here, which is said. */
  static Optional<AccessLogConfig> compile(AccessLog proto, String place) {
    TypedConfig config =
        ConfigException.field("typed_config", proto.getTypedConfig(), TypedConfig::of);
    try {
      LogCondition condition =
          proto.hasFilter()
              ? ConfigException.field("filter", proto.getFilter(), LogConditions::compile)
              : LogCondition.ALWAYS;
      boolean filterAsks = proto.getFilter().toString().contains("response.headers");
      return Optional.of(log(config, condition, filterAsks));
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("listener", place)
          .addKeyValue("access_log", proto.getName())
          .log("an access log is not written: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static AccessLogConfig log(
      TypedConfig config, LogCondition condition, boolean filterAsks) {
    return switch (config.type()) {
      case LOGGERS + "file.v3.FileAccessLog" -> {
        FileAccessLog proto = config.as(FileAccessLog.parser());
        if (proto.getPath().isEmpty()) {
          throw new ConfigException("path", "must not be empty");
        }
        yield file(proto.getPath(), format(proto), condition, filterAsks);
      }
      case LOGGERS + "stream.v3.StdoutAccessLog" -> {
        StdoutAccessLog proto = config.as(StdoutAccessLog.parser());
        yield file(
            "/dev/stdout",
            proto.hasLogFormat() ? proto.getLogFormat() : text(DEFAULT),
            condition,
            filterAsks);
      }
      case LOGGERS + "stream.v3.StderrAccessLog" -> {
        StderrAccessLog proto = config.as(StderrAccessLog.parser());
        yield file(
            "/dev/stderr",
            proto.hasLogFormat() ? proto.getLogFormat() : text(DEFAULT),
            condition,
            filterAsks);
      }
      case LOGGERS + "open_telemetry.v3.OpenTelemetryAccessLogConfig" ->
          openTelemetry(config.as(OpenTelemetryAccessLogConfig.parser()), condition, filterAsks);
      default ->
          throw ConfigException.notYet("typed_config", config.type() + " is not implemented");
    };
  }

  @SuppressWarnings("deprecation") // format, json_format and typed_json_format are still sent
  private static SubstitutionFormatString format(FileAccessLog proto) {
    return switch (proto.getAccessLogFormatCase()) {
      case FORMAT -> text(proto.getFormat().isEmpty() ? DEFAULT : proto.getFormat());
      case JSON_FORMAT -> json(proto.getJsonFormat());
      case TYPED_JSON_FORMAT -> json(proto.getTypedJsonFormat());
      case LOG_FORMAT -> proto.getLogFormat();
      case ACCESSLOGFORMAT_NOT_SET -> text(DEFAULT);
    };
  }

  private static SubstitutionFormatString json(Struct format) {
    return SubstitutionFormatString.newBuilder().setJsonFormat(format).build();
  }

  private static SubstitutionFormatString text(String format) {
    var source =
        io.inmesh.proto.envoy.config.core.v3.DataSource.newBuilder().setInlineString(format);
    return SubstitutionFormatString.newBuilder().setTextFormatSource(source).build();
  }

  private static AccessLogConfig file(
      String path, SubstitutionFormatString format, LogCondition condition, boolean filterAsks) {
    return new AccessLogConfig(
        Kind.FILE,
        path,
        ConfigException.field("log_format", format, LogFormats::compile),
        Map.of(),
        condition,
        filterAsks || asksForResponse(format.toString()));
  }

  private static AccessLogConfig openTelemetry(
      OpenTelemetryAccessLogConfig proto, LogCondition condition, boolean filterAsks) {
    Map<String, LogFormat> attributes = new LinkedHashMap<>();
    for (KeyValue attribute : proto.getAttributes().getValuesList()) {
      attributes.put(attribute.getKey(), value(attribute.getValue()));
    }
    return new AccessLogConfig(
        Kind.OPEN_TELEMETRY,
        proto.getCommonConfig().getLogName(),
        value(proto.getBody()),
        Map.copyOf(attributes),
        condition,
        filterAsks || asksForResponse(proto.toString()));
  }

  private static LogFormat value(AnyValue proto) {
    return switch (proto.getValueCase()) {
      case STRING_VALUE -> LogFormats.text(proto.getStringValue(), "-");
      case KVLIST_VALUE -> {
        Struct.Builder struct = Struct.newBuilder();
        for (KeyValue entry : proto.getKvlistValue().getValuesList()) {
          struct.putFields(
              entry.getKey(),
              com.google.protobuf.Value.newBuilder()
                  .setStringValue(entry.getValue().getStringValue())
                  .build());
        }
        yield LogFormats.json(struct.build(), false);
      }
      case VALUE_NOT_SET -> facts -> "";
      default -> throw ConfigException.notYet("body", "values other than strings and maps");
    };
  }

  private static boolean asksForResponse(String format) {
    return format.contains("%RESP(")
        || format.contains("%RESPONSE_HEADER(")
        || format.contains("%TRAILER(")
        || format.contains("GRPC_STATUS");
  }
}
