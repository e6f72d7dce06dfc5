package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import io.inmesh.controlplane.config.HttpRule;
import java.util.ArrayList;
import java.util.List;

/** Istio's retries as Envoy's: twice unless said otherwise, never on the host that just failed. */
final class RetryPolicies {
  private static final String DEFAULT_CONDITIONS =
      "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";
  private static final String STATUS_CODES = "retriable-status-codes";

  private RetryPolicies() {}

  static RetryPolicy standard() {
    return base(2).setRetryOn(DEFAULT_CONDITIONS).addRetryHostPredicate(previousHosts()).build();
  }

  static RetryPolicy of(HttpRule.Retries retries) {
    RetryPolicy.Builder policy = base(retries.attempts());
    if (retries.ignorePreviousHosts()) {
      policy.addRetryHostPredicate(previousHosts());
    }
    if (retries.perTryTimeout() != null) {
      policy.setPerTryTimeout(Protos.duration(retries.perTryTimeout()));
    }
    if (retries.backoff() != null) {
      policy.setRetryBackOff(
          RetryPolicy.RetryBackOff.newBuilder()
              .setBaseInterval(Protos.duration(retries.backoff())));
    }
    if (retries.retryRemoteLocalities()) {
      policy.setRetryPriority(
          RetryPolicy.RetryPriority.newBuilder()
              .setName("envoy.retry_priorities.previous_priorities")
              .setTypedConfig(
                  Protos.any(PreviousPrioritiesConfig.newBuilder().setUpdateFrequency(2).build())));
    }
    conditions(policy, retries.retryOn().isEmpty() ? DEFAULT_CONDITIONS : retries.retryOn());
    return policy.build();
  }

  /** Numbers are status codes. */
  private static void conditions(RetryPolicy.Builder policy, String retryOn) {
    List<String> names = new ArrayList<>();
    for (String condition : retryOn.split(",", -1)) {
      String name = condition.strip();
      if (Character.isDigit(name.charAt(0)) && name.length() == 3 && !name.equals("5xx")) {
        policy.addRetriableStatusCodes(Integer.parseInt(name));
      } else {
        names.add(name);
      }
    }
    if (policy.getRetriableStatusCodesCount() > 0 && !names.contains(STATUS_CODES)) {
      names.add(STATUS_CODES);
    }
    policy.setRetryOn(String.join(",", names));
  }

  private static RetryPolicy.Builder base(int attempts) {
    return RetryPolicy.newBuilder()
        .setNumRetries(Protos.uint(attempts))
        .setHostSelectionRetryMaxAttempts(5);
  }

  private static RetryPolicy.RetryHostPredicate previousHosts() {
    return RetryPolicy.RetryHostPredicate.newBuilder()
        .setName("envoy.retry_host_predicates.previous_hosts")
        .setTypedConfig(Protos.any(PreviousHostsPredicate.getDefaultInstance()))
        .build();
  }
}
