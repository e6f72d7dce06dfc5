package io.inmesh.config;

import io.inmesh.proto.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** {@code envoy.config.route.v3.RetryPolicy}. */
final class RetryPolicyCompiler {
  private static final String PREVIOUS_HOSTS =
      "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
  private static final String PREVIOUS_PRIORITIES =
      "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";
  private static final long BASE = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long SHORTEST_BASE = TimeUnit.MILLISECONDS.toNanos(1);

  private RetryPolicyCompiler() {}

  static RetryPolicy compile(io.inmesh.proto.envoy.config.route.v3.RetryPolicy proto) {
    if (proto.hasRateLimitedRetryBackOff()) {
      throw ConfigException.notYet(
          "rate_limited_retry_back_off", "back-off from response headers is not implemented");
    }
    if (proto.getRetryOptionsPredicatesCount() > 0) {
      throw ConfigException.notYet("retry_options_predicates", "not implemented");
    }
    long base = BASE;
    long max = 10 * BASE;
    if (proto.hasRetryBackOff()) {
      var backOff = proto.getRetryBackOff();
      base =
          Math.max(
              SHORTEST_BASE,
              Values.positiveNanos(
                  "retry_back_off.base_interval",
                  true,
                  required(backOff.hasBaseInterval(), backOff.getBaseInterval()),
                  BASE));
      max =
          Values.positiveNanos(
              "retry_back_off.max_interval",
              backOff.hasMaxInterval(),
              backOff.getMaxInterval(),
              base > Long.MAX_VALUE / 10 ? Long.MAX_VALUE : 10 * base);
      if (max < base) {
        throw new ConfigException(
            "retry_back_off.max_interval", "must be greater than or equal to base_interval");
      }
    }
    return new RetryPolicy(
        on(proto.getRetryOn()),
        Set.copyOf(proto.getRetriableStatusCodesList()),
        ConfigException.each(
            "retriable_headers", proto.getRetriableHeadersList(), HeaderMatchers::compile),
        ConfigException.each(
            "retriable_request_headers",
            proto.getRetriableRequestHeadersList(),
            HeaderMatchers::compile),
        Values.number(proto.hasNumRetries(), proto.getNumRetries(), 1),
        Values.nanos("per_try_timeout", proto.hasPerTryTimeout(), proto.getPerTryTimeout(), 0),
        Values.nanos(
            "per_try_idle_timeout", proto.hasPerTryIdleTimeout(), proto.getPerTryIdleTimeout(), 0),
        base,
        max,
        avoidPreviousHosts(proto),
        (int) Math.min(Integer.MAX_VALUE, Math.max(1, proto.getHostSelectionRetryMaxAttempts())),
        previousPriorities(proto));
  }

  private static com.google.protobuf.Duration required(
      boolean present, com.google.protobuf.Duration duration) {
    if (!present) {
      throw new ConfigException("retry_back_off.base_interval", "is required");
    }
    return duration;
  }

  /** Words that Envoy does not know are ignored by it, and here. */
  private static Set<RetryOn> on(String words) {
    EnumSet<RetryOn> all = EnumSet.noneOf(RetryOn.class);
    for (String word : words.split(",", -1)) {
      RetryOn one = RetryOn.of(word.strip());
      if (one != null) {
        all.add(one);
      }
    }
    return java.util.Collections.unmodifiableSet(all);
  }

  private static boolean avoidPreviousHosts(
      io.inmesh.proto.envoy.config.route.v3.RetryPolicy proto) {
    for (int i = 0; i < proto.getRetryHostPredicateCount(); i++) {
      TypedConfig predicate = TypedConfig.of(proto.getRetryHostPredicate(i).getTypedConfig());
      if (!predicate.type().equals(PREVIOUS_HOSTS)) {
        throw ConfigException.notYet(
            "retry_host_predicate[" + i + "]", "not implemented: " + predicate.type());
      }
    }
    return proto.getRetryHostPredicateCount() > 0;
  }

  private static int previousPriorities(io.inmesh.proto.envoy.config.route.v3.RetryPolicy proto) {
    if (!proto.hasRetryPriority()) {
      return 0;
    }
    TypedConfig priority = TypedConfig.of(proto.getRetryPriority().getTypedConfig());
    if (!priority.type().equals(PREVIOUS_PRIORITIES)) {
      throw ConfigException.notYet("retry_priority", "not implemented: " + priority.type());
    }
    int frequency = priority.as(PreviousPrioritiesConfig.parser()).getUpdateFrequency();
    if (frequency <= 0) {
      throw new ConfigException("retry_priority.update_frequency", "must be greater than 0");
    }
    return frequency;
  }
}
