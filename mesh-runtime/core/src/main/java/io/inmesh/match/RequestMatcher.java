package io.inmesh.match;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled RBAC permission or principal. Immutable, thread-safe. */
@FunctionalInterface
public interface RequestMatcher {
  boolean matches(RequestFacts facts);

  /** The paths (without query) of which a request must have one to match; null: any may do. */
  default @Nullable Set<String> paths() {
    return null;
  }

  /**
   * The names of which the peer's certificate must have one (URI or DNS name, or the subject) for a
   * request to match; null: any may do.
   */
  default @Nullable Set<String> peers() {
    return null;
  }
}
