package io.inmesh.config;

import io.inmesh.match.Cel;
import io.inmesh.match.HeaderMatcher;
import io.inmesh.proto.envoy.config.accesslog.v3.AccessLogFilter;
import io.inmesh.proto.envoy.config.accesslog.v3.ComparisonFilter;
import io.inmesh.proto.envoy.config.accesslog.v3.GrpcStatusFilter;
import io.inmesh.proto.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;

/** {@code AccessLogFilter}. */
final class LogConditions {
  private static final String CEL =
      "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter";

  private LogConditions() {}

  static LogCondition compile(AccessLogFilter proto) {
    return switch (proto.getFilterSpecifierCase()) {
      case STATUS_CODE_FILTER -> {
        LongPredicate compares = comparison(proto.getStatusCodeFilter().getComparison());
        yield facts -> compares.test(facts.status());
      }
      case DURATION_FILTER -> {
        LongPredicate compares = comparison(proto.getDurationFilter().getComparison());
        yield facts -> compares.test(facts.durationMillis());
      }
      case NOT_HEALTH_CHECK_FILTER -> LogCondition.ALWAYS; // no health checks are answered here
      case TRACEABLE_FILTER -> LogFacts::traced;
      case RUNTIME_FILTER -> {
        Fraction fraction = Values.fraction(proto.getRuntimeFilter().getPercentSampled());
        yield facts -> fraction.hit(facts.random());
      }
      case AND_FILTER -> {
        List<LogCondition> all =
            ConfigException.each(
                "and_filter.filters",
                proto.getAndFilter().getFiltersList(),
                LogConditions::compile);
        yield facts -> all.stream().allMatch(one -> one.test(facts));
      }
      case OR_FILTER -> {
        List<LogCondition> any =
            ConfigException.each(
                "or_filter.filters", proto.getOrFilter().getFiltersList(), LogConditions::compile);
        yield facts -> any.stream().anyMatch(one -> one.test(facts));
      }
      case HEADER_FILTER -> {
        HeaderMatcher matcher =
            ConfigException.field(
                "header_filter.header",
                proto.getHeaderFilter().getHeader(),
                HeaderMatchers::compile);
        yield facts -> matcher.matches(facts.request());
      }
      case RESPONSE_FLAG_FILTER -> {
        List<String> flags = List.copyOf(proto.getResponseFlagFilter().getFlagsList());
        yield facts -> flags.isEmpty() ? facts.anyFlag() : flags.stream().anyMatch(facts::flag);
      }
      case GRPC_STATUS_FILTER -> grpc(proto.getGrpcStatusFilter());
      case EXTENSION_FILTER -> {
        TypedConfig config = TypedConfig.of(proto.getExtensionFilter().getTypedConfig());
        if (!config.type().equals(CEL)) {
          throw ConfigException.notYet("extension_filter", config.type() + " is not implemented");
        }
        yield cel(config.as(ExpressionFilter.parser()).getExpression());
      }
      case METADATA_FILTER -> {
        // without dynamic metadata no key is ever found
        boolean otherwise =
            Values.bool(
                proto.getMetadataFilter().hasMatchIfKeyNotFound(),
                proto.getMetadataFilter().getMatchIfKeyNotFound(),
                true);
        yield facts -> otherwise;
      }
      case LOG_TYPE_FILTER -> throw ConfigException.notYet("log_type_filter", "is not implemented");
      case FILTERSPECIFIER_NOT_SET -> throw new ConfigException("filter_specifier", "is required");
    };
  }

  private static LogCondition cel(String expression) {
    try {
      Cel cel = Cel.compile(expression);
      return cel::test;
    } catch (IllegalArgumentException e) {
      throw ConfigException.notYet("extension_filter.expression", String.valueOf(e.getMessage()));
    }
  }

  private static LongPredicate comparison(ComparisonFilter proto) {
    long value = Integer.toUnsignedLong(proto.getValue().getDefaultValue());
    return switch (proto.getOp()) {
      case EQ -> given -> given == value;
      case GE -> given -> given >= value;
      case LE -> given -> given <= value;
      default -> throw ConfigException.notYet("comparison.op", "unknown value");
    };
  }

  private static LogCondition grpc(GrpcStatusFilter proto) {
    Set<Integer> wanted = new HashSet<>();
    proto.getStatusesValueList().forEach(wanted::add);
    boolean exclude = proto.getExclude();
    return facts -> {
      int status = facts.grpcStatus() >= 0 ? facts.grpcStatus() : ofHttp(facts.status());
      return wanted.contains(status) != exclude;
    };
  }

  /** Envoy's {@code httpToGrpcStatus}, for responses without a gRPC status. */
  private static int ofHttp(int status) {
    return switch (status) {
      case 200 -> 0;
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
  }
}
