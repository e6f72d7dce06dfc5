package io.inmesh.controlplane.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads fault, mirror and corsPolicy. */
final class FaultReader {
  private static final List<String> GRPC_STATUS =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private FaultReader() {}

  static HttpRule.Fault fault(Value value) throws ConfigRefused {
    Fields fields = value.map();
    Value delay = fields.get("delay");
    Value abort = fields.get("abort");
    fields.done();
    if (delay == null && abort == null) {
      throw value.refused("an empty fault says nothing");
    }
    Duration wait = null;
    double delayPercent = 0;
    if (delay != null) {
      Fields parts = delay.map();
      parts.notImplemented("exponentialDelay", "percent");
      wait = parts.require("fixedDelay").duration();
      delayPercent = percentage(parts.get("percentage"));
      parts.done();
    }
    int status = 0;
    int grpcStatus = -1;
    double abortPercent = 0;
    if (abort != null) {
      Fields parts = abort.map();
      parts.notImplemented("http2Error");
      parts.atMostOne("httpStatus", "grpcStatus");
      Value http = parts.get("httpStatus");
      Value grpc = parts.get("grpcStatus");
      abortPercent = percentage(parts.get("percentage"));
      parts.done();
      if (http == null && grpc == null) {
        throw abort.refused("give httpStatus or grpcStatus");
      }
      if (http != null) {
        status = http.integer(200, 599);
      }
      if (grpc != null) {
        grpcStatus = GRPC_STATUS.indexOf(grpc.text());
        if (grpcStatus < 0) {
          throw grpc.refused("\"" + grpc.text() + "\" is not a gRPC status");
        }
      }
    }
    return new HttpRule.Fault(wait, delayPercent, status, grpcStatus, abortPercent);
  }

  /** Missing means all requests. */
  private static double percentage(@Nullable Value value) throws ConfigRefused {
    if (value == null) {
      return 100;
    }
    Fields fields = value.map();
    double percent = fields.require("value").number(0, 100);
    fields.done();
    return percent;
  }

  static List<HttpRule.Mirror> mirrors(Fields rule, String namespace) throws ConfigRefused {
    rule.notImplemented("mirrorPercent");
    List<HttpRule.Mirror> mirrors = new ArrayList<>();
    Value one = rule.get("mirror");
    Value percentage = rule.get("mirrorPercentage");
    if (one != null) {
      mirrors.add(mirror(one, namespace, percentage(percentage)));
    } else if (percentage != null) {
      throw percentage.refused("mirrorPercentage without mirror says nothing");
    }
    Value several = rule.get("mirrors");
    if (several != null) {
      for (Value item : several.nonEmptyList()) {
        Fields fields = item.map();
        mirrors.add(
            mirror(fields.require("destination"), namespace, percentage(fields.get("percentage"))));
        fields.done();
      }
    }
    return List.copyOf(mirrors);
  }

  private static HttpRule.Mirror mirror(Value value, String namespace, double percent)
      throws ConfigRefused {
    return new HttpRule.Mirror(
        HttpActionReader.destination(value, namespace, 0, HttpRule.HeaderOperations.NONE), percent);
  }

  static HttpRule.Cors cors(Fields fields) throws ConfigRefused {
    fields.notImplemented("allowOrigin");
    List<StringMatch> origins = new ArrayList<>();
    for (Value origin : fields.require("allowOrigins").nonEmptyList()) {
      StringMatch match = VirtualServiceReader.string(origin);
      if (match != null) {
        origins.add(match);
      }
    }
    Value maxAge = fields.get("maxAge");
    Value credentials = fields.get("allowCredentials");
    Value unmatched = fields.get("unmatchedPreflights");
    boolean forward = true;
    if (unmatched != null) {
      forward =
          switch (unmatched.text()) {
            case "FORWARD" -> true;
            case "IGNORE" -> false;
            default -> throw unmatched.refused("one of FORWARD, IGNORE is needed");
          };
    }
    HttpRule.Cors cors =
        new HttpRule.Cors(
            List.copyOf(origins),
            texts(fields.get("allowMethods")),
            texts(fields.get("allowHeaders")),
            texts(fields.get("exposeHeaders")),
            maxAge == null ? null : maxAge.duration(),
            credentials == null ? null : credentials.bool(),
            forward);
    fields.done();
    return cors;
  }

  private static List<String> texts(@Nullable Value value) throws ConfigRefused {
    return value == null ? List.of() : value.texts();
  }
}
