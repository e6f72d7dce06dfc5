package io.inmesh.call;

import io.inmesh.config.HttpOptions;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.match.PathNormalizer;
import io.inmesh.match.PathNormalizer.EscapedSlashes;
import org.jspecify.annotations.Nullable;

/** The connection manager's path normalisation. */
final class PathRules {
  private PathRules() {}

  /**
   * Makes the path what filters, routes and the application see; or says what to answer instead.
   */
  static @Nullable LocalReply apply(RequestHead head, HttpOptions options) {
    PathNormalizer normalizer =
        PathNormalizer.of(
            options.normalizePath(), options.mergeSlashes(), slashes(options.escapedSlashes()));
    String path = normalizer.normalize(head.method(), head.path());
    if (path == null) {
      return printable(head.path())
          ? LocalReply.of(400, "", "path_normalization_failed")
          : LocalReply.of(400, "Bad Request", "http1.codec_error")
              .with(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
    }
    if (normalizer.redirects(head.path())) {
      if (head.grpc()) {
        return LocalReply.of(400, "", "path_normalization_failed"); // gRPC follows none
      }
      head.path(path);
      return LocalReply.of(307, "", "path_normalization_failed").withHeader("location", path);
    }
    head.path(path);
    return null;
  }

  /** What Envoy's codec reads at all; the rest it refuses in its own words. */
  private static boolean printable(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) <= ' ' || path.charAt(i) >= 127) {
        return false;
      }
    }
    return true;
  }

  private static EscapedSlashes slashes(HttpOptions.EscapedSlashes action) {
    return switch (action) {
      case KEEP_UNCHANGED -> EscapedSlashes.KEEP;
      case REJECT_REQUEST -> EscapedSlashes.REJECT;
      case UNESCAPE_AND_REDIRECT -> EscapedSlashes.REDIRECT;
      case UNESCAPE_AND_FORWARD -> EscapedSlashes.FORWARD;
    };
  }
}
