package io.inmesh.config;

import io.inmesh.match.RequestFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code envoy.config.rbac.v3.RBAC}.
 *
 * @param policies sorted by name, as Envoy keeps them; the first that matches is the one named in
 *     logs
 */
public record RbacRules(Action action, List<RbacPolicy> policies) {
  public RbacRules {
    policies = List.copyOf(policies);
  }

  /** {@code RBAC.Action}. */
  public enum Action {
    ALLOW,
    DENY,
    LOG
  }

  /** The policy that decides; null when none matches. */
  public @Nullable RbacPolicy match(RequestFacts facts) {
    for (int i = 0; i < policies.size(); i++) {
      RbacPolicy policy = policies.get(i);
      if ((action != Action.ALLOW || policy.notYet() == null) && policy.matches(facts)) {
        return policy;
      }
    }
    return null;
  }

  /** ALLOW without policies allows nothing, DENY without policies denies nothing. */
  public boolean allows(@Nullable RbacPolicy matched) {
    return switch (action) {
      case ALLOW -> matched != null;
      case DENY -> matched == null;
      case LOG -> true;
    };
  }

  /** Why a request without a matching ALLOW policy may have been wronged; null: it was not. */
  public @Nullable NotYet notYet(RequestFacts facts) {
    for (RbacPolicy policy : policies) {
      if (policy.notYet() != null && policy.matches(facts)) {
        return policy.notYet();
      }
    }
    return null;
  }
}
