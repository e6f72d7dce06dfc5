package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.match.RequestFacts;
import io.inmesh.match.RequestMatcher;
import io.inmesh.match.RequestMatchers;
import io.inmesh.match.Strings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The index names the policy that asking one after the other would name. */
class PolicyIndexTest {
  private final Random random = new Random(42);

  private String path() {
    return "/p" + random.nextInt(4);
  }

  private String peer() {
    return "spiffe://cluster.local/ns/shop/sa/s" + random.nextInt(4);
  }

  private RequestMatcher permission(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0 -> RequestMatchers.urlPath(Strings.exact(path(), false));
      case 1 -> RequestMatchers.urlPath(Strings.exact(path(), true));
      case 2 -> RequestMatchers.urlPath(Strings.prefix(path(), false));
      case 3 -> RequestMatchers.any();
      case 4 -> RequestMatchers.not(permission(depth - 1));
      case 5 -> RequestMatchers.all(several(() -> permission(depth - 1)));
      default -> RequestMatchers.oneOf(several(() -> permission(depth - 1)));
    };
  }

  private RequestMatcher principal(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0 -> RequestMatchers.authenticated(Strings.exact(peer(), false));
      case 1 -> RequestMatchers.authenticated(Strings.suffix("s1", false));
      case 2 -> RequestMatchers.tls();
      case 3 -> RequestMatchers.not(principal(depth - 1));
      case 4 -> RequestMatchers.all(several(() -> principal(depth - 1)));
      default -> RequestMatchers.oneOf(several(() -> principal(depth - 1)));
    };
  }

  private List<RequestMatcher> several(java.util.function.Supplier<RequestMatcher> make) {
    List<RequestMatcher> some = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      some.add(make.get());
    }
    return some;
  }

  private RequestFacts facts() {
    return RbacTestKit.facts(
        RbacTestKit.get(path() + (random.nextBoolean() ? "?q=1" : "")),
        random.nextInt(4) == 0 ? RbacTestKit.plain() : RbacTestKit.peer(peer(), peer()));
  }

  @Test
  void findsWhatALinearSearchFinds() {
    int found = 0;
    for (int i = 0; i < 300; i++) {
      List<RbacPolicy> policies = new ArrayList<>();
      for (int p = random.nextInt(8); p >= 0; p--) {
        policies.add(new RbacPolicy("p" + policies.size(), permission(2), principal(2), null));
      }
      RbacRules rules = new RbacRules(RbacRules.Action.DENY, policies);
      for (int r = 0; r < 20; r++) {
        RequestFacts facts = facts();
        @Nullable RbacPolicy first =
            policies.stream().filter(policy -> policy.matches(facts)).findFirst().orElse(null);
        assertThat(rules.match(facts)).isSameAs(first);
        found += first == null ? 0 : 1;
      }
    }
    assertThat(found).isBetween(1_000, 5_900);
  }
}
