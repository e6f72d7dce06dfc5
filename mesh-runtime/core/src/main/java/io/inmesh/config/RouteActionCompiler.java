package io.inmesh.config;

import io.inmesh.config.RouteAction.ClusterChoice;
import io.inmesh.config.RouteAction.Forward;
import io.inmesh.config.RouteAction.Mirror;
import io.inmesh.config.RouteAction.PathRewrite;
import io.inmesh.http.HeaderNames;
import io.inmesh.proto.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.inmesh.proto.envoy.config.route.v3.RouteAction.UpgradeConfig;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteAction}. */
final class RouteActionCompiler {
  private static final long DEFAULT_TIMEOUT = TimeUnit.SECONDS.toNanos(15);

  private final io.inmesh.proto.envoy.config.route.v3.RouteAction proto;
  private final RouteContext context;

  private RouteActionCompiler(
      io.inmesh.proto.envoy.config.route.v3.RouteAction proto, RouteContext context) {
    this.proto = proto;
    this.context = context;
  }

  static RouteAction compile(
      io.inmesh.proto.envoy.config.route.v3.RouteAction proto,
      RouteMatch match,
      RouteContext context) {
    return new RouteActionCompiler(proto, context).forward(match);
  }

  private Forward forward(RouteMatch match) {
    refuseWhatIsMissing();
    StreamDuration duration = duration();
    long timeout = Values.nanos("timeout", proto.hasTimeout(), proto.getTimeout(), DEFAULT_TIMEOUT);
    return new Forward(
        clusters(),
        duration == null ? timeout : 0,
        Values.nanos("idle_timeout", proto.hasIdleTimeout(), proto.getIdleTimeout(), -1),
        duration == null ? maxGrpcTimeout() : -1,
        duration,
        retry(),
        hedge(),
        rewrite(match),
        proto.getHostRewriteLiteral().isEmpty() ? null : proto.getHostRewriteLiteral(),
        proto.getHostRewriteHeader().isEmpty()
            ? null
            : HeaderNames.lower(proto.getHostRewriteHeader()),
        proto.getAutoHostRewrite().getValue(),
        proto.getAppendXForwardedHost(),
        mirrors(),
        ConfigException.each("hash_policy", proto.getHashPolicyList(), HashPolicies::compile),
        proto.getPriorityValue() == 1,
        switch (proto.getClusterNotFoundResponseCode()) {
          case SERVICE_UNAVAILABLE -> 503;
          case NOT_FOUND -> 404;
          case INTERNAL_SERVER_ERROR -> 500;
          case UNRECOGNIZED ->
              throw new ConfigException("cluster_not_found_response_code", "unknown value");
        },
        upgrades());
  }

  private ClusterChoice clusters() {
    switch (proto.getClusterSpecifierCase()) {
      case CLUSTER:
        if (proto.getCluster().isEmpty()) {
          throw new ConfigException("cluster", "must not be empty");
        }
        String name = proto.getCluster().intern(); // the same string as the cluster's own
        context.clusters().add(name);
        return ClusterChoices.fixed(name);
      case CLUSTER_HEADER:
        return ClusterChoices.header(proto.getClusterHeader());
      case WEIGHTED_CLUSTERS:
        return ConfigException.field(
            "weighted_clusters",
            proto.getWeightedClusters(),
            weighted -> ClusterChoices.weighted(weighted, context.clusters()));
      case CLUSTER_SPECIFIER_PLUGIN:
      case INLINE_CLUSTER_SPECIFIER_PLUGIN:
        throw ConfigException.notYet("cluster_specifier_plugin", "no plugin is implemented");
      default:
        throw new ConfigException("cluster_specifier", "is required");
    }
  }

  private void refuseWhatIsMissing() {
    missing(proto.hasMetadataMatch(), "metadata_match", "there are no subsets by metadata");
    missing(proto.hasPathRewritePolicy(), "path_rewrite_policy", "not implemented");
    missing(proto.hasHostRewritePathRegex(), "host_rewrite_path_regex", "not implemented");
    missing(proto.hasRetryPolicyTypedConfig(), "retry_policy_typed_config", "not implemented");
    missing(
        proto.hasInternalRedirectPolicy() || proto.getInternalRedirectActionValue() != 0,
        "internal_redirect_policy",
        "redirects are given to the caller only");
    missing(proto.hasCors(), "cors", "the deprecated form of CORS is not implemented");
    missing(
        proto.getGrpcTimeoutOffset().getSeconds() != 0
            || proto.getGrpcTimeoutOffset().getNanos() != 0,
        "grpc_timeout_offset",
        "not implemented");
    missing(
        !proto.getUnknownFields().asMap().isEmpty(),
        "(unknown field)",
        "has fields that are newer than this runtime: "
            + proto.getUnknownFields().asMap().keySet());
  }

  private static void missing(boolean there, String field, String reason) {
    if (there) {
      throw ConfigException.notYet(field, reason);
    }
  }

  /** Negative: {@code grpc-timeout} is not obeyed. */
  private long maxGrpcTimeout() {
    return Values.nanos(
        "max_grpc_timeout", proto.hasMaxGrpcTimeout(), proto.getMaxGrpcTimeout(), -1);
  }

  private @Nullable StreamDuration duration() {
    if (!proto.hasMaxStreamDuration()) {
      return null;
    }
    var limit = proto.getMaxStreamDuration();
    missing(
        Values.nanos(
                "max_stream_duration.grpc_timeout_header_offset",
                limit.getGrpcTimeoutHeaderOffset())
            != 0,
        "max_stream_duration.grpc_timeout_header_offset",
        "not implemented");
    return new StreamDuration(
        Values.nanos("max_stream_duration.max_stream_duration", limit.getMaxStreamDuration()),
        Values.nanos(
            "max_stream_duration.grpc_timeout_header_max",
            limit.hasGrpcTimeoutHeaderMax(),
            limit.getGrpcTimeoutHeaderMax(),
            -1));
  }

  /** The route's own policy hides its virtual host's, even an empty one. */
  private @Nullable RetryPolicy retry() {
    if (proto.hasRetryPolicy()) {
      return ConfigException.field(
          "retry_policy", proto.getRetryPolicy(), RetryPolicyCompiler::compile);
    }
    missing(
        context.host().hasRetryPolicyTypedConfig(),
        "retry_policy_typed_config",
        "of the virtual host: not implemented");
    return context.host().hasRetryPolicy()
        ? ConfigException.field(
            "retry_policy of the virtual host",
            context.host().getRetryPolicy(),
            RetryPolicyCompiler::compile)
        : null;
  }

  private @Nullable HedgePolicy hedge() {
    if (!proto.hasHedgePolicy() && !context.host().hasHedgePolicy()) {
      return null;
    }
    var policy = proto.hasHedgePolicy() ? proto.getHedgePolicy() : context.host().getHedgePolicy();
    return new HedgePolicy(policy.getHedgeOnPerTryTimeout());
  }

  private @Nullable PathRewrite rewrite(RouteMatch match) {
    boolean prefix = !proto.getPrefixRewrite().isEmpty();
    if (prefix && proto.hasRegexRewrite()) {
      throw new ConfigException(
          "regex_rewrite", "only one of prefix_rewrite and regex_rewrite may be set");
    }
    if (proto.hasRegexRewrite()) {
      return PathRewrites.regex(
          ConfigException.field("regex_rewrite", proto.getRegexRewrite(), RegexMatchers::compile));
    }
    return prefix ? PathRewrites.prefix(match, proto.getPrefixRewrite()) : null;
  }

  /** The nearest level that has mirrors: route, virtual host, route configuration. */
  private List<Mirror> mirrors() {
    List<RequestMirrorPolicy> policies = proto.getRequestMirrorPoliciesList();
    if (policies.isEmpty()) {
      policies = context.host().getRequestMirrorPoliciesList();
    }
    if (policies.isEmpty()) {
      policies = context.mirrors();
    }
    return ConfigException.each("request_mirror_policies", policies, this::mirror);
  }

  private Mirror mirror(RequestMirrorPolicy policy) {
    missing(!policy.getClusterHeader().isEmpty(), "cluster_header", "not implemented");
    missing(
        policy.getRequestHeadersMutationsCount() > 0,
        "request_headers_mutations",
        "not implemented");
    missing(!policy.getHostRewriteLiteral().isEmpty(), "host_rewrite_literal", "not implemented");
    if (policy.getCluster().isEmpty()) {
      throw new ConfigException("cluster", "must not be empty");
    }
    context.clusters().add(policy.getCluster());
    Fraction fraction =
        policy.hasRuntimeFraction()
            ? Values.fraction(policy.getRuntimeFraction())
            : Fraction.ALWAYS;
    return new Mirror(policy.getCluster(), fraction, !policy.getDisableShadowHostSuffixAppend());
  }

  private @Nullable List<String> upgrades() {
    if (proto.getUpgradeConfigsCount() == 0) {
      return null;
    }
    missing(
        proto.getUpgradeConfigsList().stream().anyMatch(UpgradeConfig::hasConnectConfig),
        "upgrade_configs.connect_config",
        "CONNECT is not ended here");
    return proto.getUpgradeConfigsList().stream()
        .filter(upgrade -> Values.bool(upgrade.hasEnabled(), upgrade.getEnabled(), true))
        .map(upgrade -> upgrade.getUpgradeType().toLowerCase(Locale.ROOT))
        .toList();
  }
}
