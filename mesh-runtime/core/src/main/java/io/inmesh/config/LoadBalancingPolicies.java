package io.inmesh.config;

import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.proto.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.maglev.v3.Maglev;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash;
import io.inmesh.proto.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import java.util.concurrent.TimeUnit;

/** {@code load_balancing_policy}: the first of the list that is known. */
final class LoadBalancingPolicies {
  private static final String PREFIX = "envoy.extensions.load_balancing_policies.";

  private static final long BLACKOUT = TimeUnit.SECONDS.toNanos(10);
  private static final long EXPIRATION = TimeUnit.MINUTES.toNanos(3);
  private static final long UPDATE = TimeUnit.SECONDS.toNanos(1);
  private static final long LEAST_UPDATE = TimeUnit.MILLISECONDS.toNanos(100);

  private LoadBalancingPolicies() {}

  static LoadBalancing compile(LoadBalancingPolicy proto, double panic) {
    StringBuilder unknown = new StringBuilder();
    for (int i = 0; i < proto.getPoliciesCount(); i++) {
      TypedConfig config =
          TypedConfig.of(proto.getPolicies(i).getTypedExtensionConfig().getTypedConfig());
      try {
        LoadBalancing known = config.struct() != null ? null : known(config, panic);
        if (known != null) {
          return known;
        }
      } catch (ConfigException e) {
        throw e.in("policies[" + i + "]");
      }
      unknown.append(i == 0 ? "" : ", ").append(config.type());
    }
    throw ConfigException.notYet("policies", "none of these is implemented: " + unknown);
  }

  private static @org.jspecify.annotations.Nullable LoadBalancing known(
      TypedConfig config, double panic) {
    switch (config.type().startsWith(PREFIX) ? config.type().substring(PREFIX.length()) : "") {
      case "round_robin.v3.RoundRobin":
        RoundRobin roundRobin = config.as(RoundRobin.parser());
        return slow(
            Policy.ROUND_ROBIN,
            panic,
            roundRobin.getLocalityLbConfig(),
            roundRobin.getSlowStartConfig());
      case "least_request.v3.LeastRequest":
        LeastRequest least = config.as(LeastRequest.parser());
        if (least.getEnableFullScan().getValue() || least.getSelectionMethodValue() != 0) {
          throw ConfigException.notYet("selection_method", "FULL_SCAN is not implemented");
        }
        return LoadBalancingCompiler.least(
            slow(
                Policy.LEAST_REQUEST,
                panic,
                least.getLocalityLbConfig(),
                least.getSlowStartConfig()),
            least.hasChoiceCount(),
            least.getChoiceCount().getValue(),
            least.hasActiveRequestBias() ? least.getActiveRequestBias().getDefaultValue() : 1.0);
      case "random.v3.Random":
        return slow(
            Policy.RANDOM,
            panic,
            config.as(Random.parser()).getLocalityLbConfig(),
            SlowStartConfig.getDefaultInstance());
      case "ring_hash.v3.RingHash":
        RingHash ring = config.as(RingHash.parser());
        if (ring.getHashFunctionValue() > 1
            || ring.hasHashBalanceFactor()
            || ring.getUseHostnameForHashing()
            || ring.hasConsistentHashingLbConfig()) {
          throw ConfigException.notYet("ring_hash", "only XX_HASH without a balance factor");
        }
        return LoadBalancingCompiler.hash(
            Policy.RING_HASH,
            panic,
            ring.hasLocalityWeightedLbConfig(),
            LoadBalancingCompiler.size(
                "minimum_ring_size",
                ring.hasMinimumRingSize(),
                ring.getMinimumRingSize().getValue(),
                LoadBalancingCompiler.RING_SIZE,
                LoadBalancingCompiler.MOST_RING));
      case "maglev.v3.Maglev":
        Maglev maglev = config.as(Maglev.parser());
        if (maglev.hasConsistentHashingLbConfig()) {
          throw ConfigException.notYet("maglev.consistent_hashing_lb_config", "not implemented");
        }
        return LoadBalancingCompiler.hash(
            Policy.MAGLEV,
            panic,
            maglev.hasLocalityWeightedLbConfig(),
            LoadBalancingCompiler.size(
                "table_size",
                maglev.hasTableSize(),
                maglev.getTableSize().getValue(),
                LoadBalancingCompiler.MAGLEV_SIZE,
                LoadBalancingCompiler.MOST_MAGLEV));
      case "client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin":
        return LoadBalancing.of(reported(config.as(ClientSideWeightedRoundRobin.parser())), panic);
      default:
        return null;
    }
  }

  private static ReportedWeights reported(ClientSideWeightedRoundRobin proto) {
    if (proto.getEnableOobLoadReport().getValue()) {
      throw ConfigException.notYet("enable_oob_load_report", "not implemented");
    }
    if (proto.hasSlowStartConfig()) {
      throw ConfigException.notYet("slow_start_config", "not implemented");
    }
    double penalty =
        proto.hasErrorUtilizationPenalty() ? proto.getErrorUtilizationPenalty().getValue() : 1;
    if (!(penalty >= 0)) {
      throw new ConfigException("error_utilization_penalty", "must not be negative, is " + penalty);
    }
    return new ReportedWeights(
        Values.nanos(
            "blackout_period", proto.hasBlackoutPeriod(), proto.getBlackoutPeriod(), BLACKOUT),
        Values.nanos(
            "weight_expiration_period",
            proto.hasWeightExpirationPeriod(),
            proto.getWeightExpirationPeriod(),
            EXPIRATION),
        Math.max(
            LEAST_UPDATE,
            Values.nanos(
                "weight_update_period",
                proto.hasWeightUpdatePeriod(),
                proto.getWeightUpdatePeriod(),
                UPDATE)),
        penalty,
        proto.getMetricNamesForComputingUtilizationList());
  }

  private static LoadBalancing slow(
      Policy policy, double panic, LocalityLbConfig locality, SlowStartConfig slowStart) {
    if (locality.getZoneAwareLbConfig().getFailTrafficOnPanic()) {
      throw ConfigException.notYet("fail_traffic_on_panic", "not implemented");
    }
    return LoadBalancingCompiler.slowStart(
        policy,
        panic,
        locality.hasLocalityWeightedLbConfig(),
        Values.nanos("slow_start_window", slowStart.getSlowStartWindow()),
        slowStart.hasAggression() ? slowStart.getAggression().getDefaultValue() : 1.0,
        slowStart.hasMinWeightPercent() ? slowStart.getMinWeightPercent().getValue() : 10);
  }
}
