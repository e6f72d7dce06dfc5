package io.inmesh.config;

import io.inmesh.match.RequestFacts;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A compiled {@code envoy.config.rbac.v3.RBAC}. Immutable, thread-safe. */
public final class RbacRules {
  private static final Predicate<RbacPolicy> ALL = policy -> true;
  private static final Predicate<RbacPolicy> ENFORCED = policy -> policy.notYet() == null;
  private static final Predicate<RbacPolicy> NOT_ENFORCED = policy -> policy.notYet() != null;

  private final Action action;
  private final List<RbacPolicy> policies;
  private final PolicyIndex index;

  /**
   * @param policies sorted by name, as Envoy keeps them; the first that matches is the one named in
   *     logs
   */
  public RbacRules(Action action, List<RbacPolicy> policies) {
    this.action = action;
    this.policies = List.copyOf(policies);
    this.index = new PolicyIndex(policies);
  }

  /** {@code RBAC.Action}. */
  public enum Action {
    ALLOW,
    DENY,
    LOG
  }

  public Action action() {
    return action;
  }

  public List<RbacPolicy> policies() {
    return policies;
  }

  /** The policy that decides; null when none matches. */
  public @Nullable RbacPolicy match(RequestFacts facts) {
    return index.first(facts, action == Action.ALLOW ? ENFORCED : ALL);
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
    RbacPolicy wronged = index.first(facts, NOT_ENFORCED);
    return wronged == null ? null : wronged.notYet();
  }
}
