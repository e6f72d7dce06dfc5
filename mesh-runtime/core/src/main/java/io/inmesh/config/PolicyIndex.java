package io.inmesh.config;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.match.RequestFacts;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first policy that matches without asking all of them: one that names its paths is asked
 * only for those, else one that names its callers only for those. Immutable.
 */
final class PolicyIndex {
  private static final int[] NONE = {};

  private final RbacPolicy[] policies;
  private final Map<String, int[]> byPath = new HashMap<>();
  private final Map<String, int[]> byPeer = new HashMap<>();
  private int[] others = NONE;

  PolicyIndex(List<RbacPolicy> policies) {
    this.policies = policies.toArray(new RbacPolicy[0]);
    for (int i = 0; i < this.policies.length; i++) {
      Set<String> paths = this.policies[i].permission().paths();
      Set<String> peers = this.policies[i].principal().peers();
      if (paths != null) {
        add(byPath, paths, i);
      } else if (peers != null) {
        add(byPeer, peers, i);
      } else {
        others = with(others, i);
      }
    }
  }

  private static void add(Map<String, int[]> index, Set<String> keys, int policy) {
    for (String key : keys) {
      index.merge(key, new int[] {policy}, (before, one) -> with(before, policy));
    }
  }

  private static int[] with(int[] before, int policy) {
    int[] more = Arrays.copyOf(before, before.length + 1);
    more[before.length] = policy;
    return more;
  }

  /** Of those that count the first, in the policies' order; null: none matches. */
  @Nullable RbacPolicy first(RequestFacts facts, Predicate<RbacPolicy> counts) {
    int first = first(others, policies.length, facts, counts);
    RequestHead head = facts.head();
    if (head != null && !byPath.isEmpty()) {
      String path = head.path().substring(0, head.pathLength());
      first = first(byPath.get(path), first, facts, counts);
    }
    if (!byPeer.isEmpty()) {
      Connection peer = facts.connection();
      first = first(byPeer.get(peer.peerSubject()), first, facts, counts);
      for (int i = 0; i < peer.peerUriSans().size(); i++) {
        first = first(byPeer.get(peer.peerUriSans().get(i)), first, facts, counts);
      }
      for (int i = 0; i < peer.peerDnsSans().size(); i++) {
        first = first(byPeer.get(peer.peerDnsSans().get(i)), first, facts, counts);
      }
    }
    return first == policies.length ? null : policies[first];
  }

  /** Only what comes before the one that was found already. */
  private int first(
      int @Nullable [] candidates, int before, RequestFacts facts, Predicate<RbacPolicy> counts) {
    if (candidates != null) {
      for (int candidate : candidates) {
        if (candidate >= before) {
          break;
        }
        RbacPolicy policy = policies[candidate];
        if (counts.test(policy) && policy.matches(facts)) {
          return candidate;
        }
      }
    }
    return before;
  }
}
