package io.inmesh.config;

import io.inmesh.match.RequestFacts;
import io.inmesh.match.RequestMatcher;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code Policy}: a permission and a principal must match.
 *
 * @param name key in the policy map: {@code ns[shop]-policy[no-admin]-rule[0]}
 * @param notYet a part of it is not understood: the matchers then match at least what the policy
 *     does; it denies those requests and never allows one
 */
public record RbacPolicy(
    String name, RequestMatcher permission, RequestMatcher principal, @Nullable NotYet notYet) {

  public boolean matches(RequestFacts facts) {
    return permission.matches(facts) && principal.matches(facts);
  }
}
