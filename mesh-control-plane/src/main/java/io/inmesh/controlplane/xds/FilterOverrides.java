package io.inmesh.controlplane.xds;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.inmesh.controlplane.config.HttpRule;
import org.jspecify.annotations.Nullable;

/** What a route changes of the fault and CORS filters. */
final class FilterOverrides {
  static final String FAULT = "envoy.filters.http.fault";
  static final String CORS = "envoy.filters.http.cors";

  private FilterOverrides() {}

  static void add(Route.Builder route, HttpRule rule) {
    HttpRule.Fault fault = rule.fault();
    if (fault != null) {
      route.putTypedPerFilterConfig(FAULT, Protos.any(fault(fault)));
    }
    HttpRule.Cors cors = rule.cors();
    if (cors != null) {
      route.putTypedPerFilterConfig(CORS, Protos.any(cors(cors)));
    }
  }

  private static HTTPFault fault(HttpRule.Fault fault) {
    HTTPFault.Builder built = HTTPFault.newBuilder();
    if (fault.delay() != null) {
      built.setDelay(
          FaultDelay.newBuilder()
              .setFixedDelay(Protos.duration(fault.delay()))
              .setPercentage(LocalReplies.millionths(fault.delayPercent())));
    }
    if (fault.abortStatus() > 0 || fault.abortGrpcStatus() >= 0) {
      FaultAbort.Builder abort =
          FaultAbort.newBuilder().setPercentage(LocalReplies.millionths(fault.abortPercent()));
      if (fault.abortStatus() > 0) {
        abort.setHttpStatus(fault.abortStatus());
      } else {
        abort.setGrpcStatus(fault.abortGrpcStatus());
      }
      built.setAbort(abort);
    }
    return built.build();
  }

  private static CorsPolicy cors(HttpRule.Cors cors) {
    CorsPolicy.Builder policy =
        CorsPolicy.newBuilder()
            .setAllowMethods(String.join(",", cors.allowMethods()))
            .setAllowHeaders(String.join(",", cors.allowHeaders()))
            .setExposeHeaders(String.join(",", cors.exposeHeaders()))
            .setFilterEnabled(
                RuntimeFractionalPercent.newBuilder()
                    .setDefaultValue(FractionalPercent.newBuilder().setNumerator(100)))
            .setForwardNotMatchingPreflights(BoolValue.of(cors.forwardUnmatchedPreflights()));
    cors.allowOrigins().forEach(origin -> policy.addAllowOriginStringMatch(Protos.string(origin)));
    if (cors.maxAge() != null) {
      policy.setMaxAge(String.valueOf(cors.maxAge().toSeconds()));
    }
    @Nullable Boolean credentials = cors.allowCredentials();
    if (credentials != null) {
      policy.setAllowCredentials(BoolValue.of(credentials));
    }
    return policy.build();
  }
}
