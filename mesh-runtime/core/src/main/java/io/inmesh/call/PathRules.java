package io.inmesh.call;

import io.inmesh.config.HttpOptions;
import org.jspecify.annotations.Nullable;

/** The connection manager's path normalisation. */
final class PathRules {
  private PathRules() {}

  /** The path as filters and routes see it; null: the request is answered 400. */
  static @Nullable String apply(String path, HttpOptions options) {
    return path;
  }
}
