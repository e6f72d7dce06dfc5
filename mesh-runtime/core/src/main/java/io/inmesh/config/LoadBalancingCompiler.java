package io.inmesh.config;

import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster.LeastRequestLbConfig;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import org.jspecify.annotations.Nullable;

/** {@code lb_policy} with the messages that belong to it. */
final class LoadBalancingCompiler {
  static final long RING_SIZE = 1024;
  static final long MOST_RING = 8L * 1024 * 1024;
  static final long MAGLEV_SIZE = 65_537;
  static final long MOST_MAGLEV = 5_000_011;

  private LoadBalancingCompiler() {}

  static LoadBalancing compile(Cluster proto) {
    CommonLbConfig common = proto.getCommonLbConfig();
    refuseWhatIsMissing(proto, common);
    double panic = panic(common);
    boolean weighted = common.hasLocalityWeightedLbConfig();
    if (proto.hasLoadBalancingPolicy()) {
      return ConfigException.field(
          "load_balancing_policy",
          proto.getLoadBalancingPolicy(),
          policy -> LoadBalancingPolicies.compile(policy, panic));
    }
    return switch (proto.getLbPolicy()) {
      case ROUND_ROBIN ->
          of(
              Policy.ROUND_ROBIN,
              panic,
              weighted,
              proto.hasRoundRobinLbConfig() && proto.getRoundRobinLbConfig().hasSlowStartConfig()
                  ? proto.getRoundRobinLbConfig().getSlowStartConfig()
                  : null);
      case LEAST_REQUEST -> leastRequest(proto.getLeastRequestLbConfig(), panic, weighted);
      case RANDOM -> of(Policy.RANDOM, panic, weighted, null);
      case RING_HASH -> ringHash(proto, panic, weighted);
      case MAGLEV ->
          hash(
              Policy.MAGLEV,
              panic,
              weighted,
              size(
                  "maglev_lb_config.table_size",
                  proto.getMaglevLbConfig().hasTableSize(),
                  proto.getMaglevLbConfig().getTableSize().getValue(),
                  MAGLEV_SIZE,
                  MOST_MAGLEV));
      case CLUSTER_PROVIDED -> of(Policy.CLUSTER_PROVIDED, panic, weighted, null);
      case LOAD_BALANCING_POLICY_CONFIG ->
          throw new ConfigException("load_balancing_policy", "is required by lb_policy");
      case UNRECOGNIZED -> throw new ConfigException("lb_policy", "unknown value");
    };
  }

  private static void refuseWhatIsMissing(Cluster proto, CommonLbConfig common) {
    if (proto.hasLbSubsetConfig() && proto.getLbSubsetConfig().getSubsetSelectorsCount() > 0) {
      throw ConfigException.notYet("lb_subset_config", "there are no subsets by metadata");
    }
    if (common.getZoneAwareLbConfig().getFailTrafficOnPanic()) {
      throw ConfigException.notYet(
          "common_lb_config.zone_aware_lb_config.fail_traffic_on_panic", "not implemented");
    }
    if (common.getConsistentHashingLbConfig().hasHashBalanceFactor()
        || common.getConsistentHashingLbConfig().getUseHostnameForHashing()) {
      throw ConfigException.notYet(
          "common_lb_config.consistent_hashing_lb_config", "not implemented");
    }
  }

  private static double panic(CommonLbConfig common) {
    double panic =
        common.hasHealthyPanicThreshold() ? common.getHealthyPanicThreshold().getValue() : 50;
    if (!(panic >= 0 && panic <= 100)) {
      throw new ConfigException(
          "common_lb_config.healthy_panic_threshold", "must be 0 to 100, is " + panic);
    }
    return panic;
  }

  private static LoadBalancing leastRequest(
      LeastRequestLbConfig proto, double panic, boolean weighted) {
    LoadBalancing base =
        of(
            Policy.LEAST_REQUEST,
            panic,
            weighted,
            proto.hasSlowStartConfig() ? proto.getSlowStartConfig() : null);
    double bias =
        proto.hasActiveRequestBias() ? proto.getActiveRequestBias().getDefaultValue() : 1.0;
    return least(base, proto.hasChoiceCount(), proto.getChoiceCount().getValue(), bias);
  }

  static LoadBalancing least(LoadBalancing base, boolean hasChoices, int choices, double bias) {
    int count = hasChoices ? Values.positive(choices) : 2;
    if (count < 2) {
      throw new ConfigException("choice_count", "must be at least 2, is " + count);
    }
    if (!(bias >= 0)) {
      throw new ConfigException("active_request_bias", "must not be negative, is " + bias);
    }
    return new LoadBalancing(
        Policy.LEAST_REQUEST,
        count,
        bias,
        base.panicPercent(),
        base.localityWeighted(),
        base.minimumRingSize(),
        base.slowStartNanos(),
        base.slowStartAggression(),
        base.slowStartMinWeightPercent());
  }

  private static LoadBalancing ringHash(Cluster proto, double panic, boolean weighted) {
    var ring = proto.getRingHashLbConfig();
    if (ring.getHashFunctionValue() != 0) {
      throw ConfigException.notYet("ring_hash_lb_config.hash_function", "only XX_HASH is known");
    }
    return hash(
        Policy.RING_HASH,
        panic,
        weighted,
        size(
            "ring_hash_lb_config.minimum_ring_size",
            ring.hasMinimumRingSize(),
            ring.getMinimumRingSize().getValue(),
            RING_SIZE,
            MOST_RING));
  }

  static long size(String field, boolean present, long value, long otherwise, long most) {
    if (present && (value < 1 || value > most)) {
      throw new ConfigException(field, "must be 1 to " + most);
    }
    return present ? value : otherwise;
  }

  static LoadBalancing hash(Policy policy, double panic, boolean weighted, long size) {
    return new LoadBalancing(policy, 2, 1.0, panic, weighted, size, 0, 1.0, 10);
  }

  private static LoadBalancing of(
      Policy policy, double panic, boolean weighted, @Nullable SlowStartConfig slowStart) {
    if (slowStart == null) {
      return slowStart(policy, panic, weighted, 0, 1.0, 10);
    }
    return slowStart(
        policy,
        panic,
        weighted,
        Values.nanos("slow_start_config.slow_start_window", slowStart.getSlowStartWindow()),
        slowStart.hasAggression() ? slowStart.getAggression().getDefaultValue() : 1.0,
        slowStart.hasMinWeightPercent() ? slowStart.getMinWeightPercent().getValue() : 10);
  }

  static LoadBalancing slowStart(
      Policy policy,
      double panic,
      boolean weighted,
      long window,
      double aggression,
      double minWeightPercent) {
    if (!(aggression > 0)) {
      throw new ConfigException("slow_start_config.aggression", "must be greater than 0");
    }
    return new LoadBalancing(
        policy, 2, 1.0, panic, weighted, RING_SIZE, window, aggression, minWeightPercent);
  }
}
