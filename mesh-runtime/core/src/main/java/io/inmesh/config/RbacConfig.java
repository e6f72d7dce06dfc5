package io.inmesh.config;

import org.jspecify.annotations.Nullable;

/**
 * A compiled RBAC filter, HTTP or network.
 *
 * @param rules null: nothing is enforced
 * @param shadow judged and told, never enforced; null: none
 * @param shadowPrefix {@code istio_dry_run_deny_}, or {@code istio_ext_authz_} where the result
 *     steers another filter
 */
public record RbacConfig(
    String name, @Nullable RbacRules rules, @Nullable RbacRules shadow, String shadowPrefix)
    implements HttpFilterConfig {}
