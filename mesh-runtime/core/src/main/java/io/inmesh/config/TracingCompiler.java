package io.inmesh.config;

import io.inmesh.config.TracingConfig.CustomTag;
import io.inmesh.config.TracingConfig.Source;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing;
import io.inmesh.proto.envoy.type.v3.Percent;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code HttpConnectionManager.Tracing}. */
final class TracingCompiler {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");
  private static final int PATH_LENGTH = 256;
  private static final String ZIPKIN = "envoy.config.trace.v3.ZipkinConfig";

  private TracingCompiler() {}

  static TracingConfig compile(Tracing proto) {
    String type =
        proto.hasProvider() ? TypedConfig.of(proto.getProvider().getTypedConfig()).type() : "";
    List<CustomTag> tags = proto.getCustomTagsList().stream().map(TracingCompiler::tag).toList();
    return new TracingConfig(
        type,
        type.equals(ZIPKIN),
        percent(proto.hasRandomSampling(), proto.getRandomSampling()),
        percent(proto.hasOverallSampling(), proto.getOverallSampling()),
        Values.number(proto.hasMaxPathTagLength(), proto.getMaxPathTagLength(), PATH_LENGTH),
        tags);
  }

  private static double percent(boolean present, Percent percent) {
    return present ? percent.getValue() : 100;
  }

  private static CustomTag tag(io.inmesh.proto.envoy.type.tracing.v3.CustomTag proto) {
    return switch (proto.getTypeCase()) {
      case LITERAL ->
          new CustomTag(proto.getTag(), Source.LITERAL, "", proto.getLiteral().getValue());
      case ENVIRONMENT ->
          new CustomTag(
              proto.getTag(),
              Source.ENVIRONMENT,
              proto.getEnvironment().getName(),
              proto.getEnvironment().getDefaultValue());
      case REQUEST_HEADER ->
          new CustomTag(
              proto.getTag(),
              Source.HEADER,
              io.inmesh.http.HeaderNames.lower(proto.getRequestHeader().getName()),
              proto.getRequestHeader().getDefaultValue());
      case METADATA ->
          new CustomTag(proto.getTag(), Source.METADATA, "", proto.getMetadata().getDefaultValue());
      default -> {
        LOG.atWarn()
            .addKeyValue("tag", proto.getTag())
            .log("a custom tag of a kind that is not made here is left out of spans");
        yield new CustomTag(proto.getTag(), Source.METADATA, "", "");
      }
    };
  }
}
