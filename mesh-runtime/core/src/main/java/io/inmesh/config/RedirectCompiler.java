package io.inmesh.config;

import io.inmesh.config.RouteAction.PathRewrite;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.RedirectAction;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import org.jspecify.annotations.Nullable;

/** {@code RedirectAction}: the location is made as Envoy's router makes it. */
final class RedirectCompiler {
  private RedirectCompiler() {}

  static RouteAction compile(RedirectAction proto, RouteMatch match) {
    int status =
        switch (proto.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED -> throw new ConfigException("response_code", "unknown value");
        };
    String scheme =
        proto.hasSchemeRedirect()
            ? proto.getSchemeRedirect()
            : proto.getHttpsRedirect() ? "https" : "";
    PathRewrite rewrite = rewrite(proto, match);
    String newPath = proto.getPathRedirect();
    String host = proto.getHostRedirect();
    String port = proto.getPortRedirect() == 0 ? "" : ":" + proto.getPortRedirect();
    boolean strip = proto.getStripQuery();
    return new RouteAction.Redirect(
        status, head -> location(head, scheme, host, port, newPath, rewrite, strip));
  }

  private static @Nullable PathRewrite rewrite(RedirectAction proto, RouteMatch match) {
    if (proto.hasPrefixRewrite()) {
      return PathRewrites.prefix(match, proto.getPrefixRewrite());
    }
    return proto.hasRegexRewrite()
        ? PathRewrites.regex(
            ConfigException.field("regex_rewrite", proto.getRegexRewrite(), RegexMatchers::compile))
        : null;
  }

  private static String location(
      RequestHead head,
      String scheme,
      String host,
      String port,
      String newPath,
      @Nullable PathRewrite rewrite,
      boolean strip) {
    String toScheme = scheme.isEmpty() ? head.forwardedScheme() : scheme;
    String toHost = host.isEmpty() ? host(head, toScheme, !port.isEmpty()) : host;
    if (rewrite != null) {
      // what edits of the answer see from here on
      head.headers().set("x-envoy-original-path", head.path());
      head.path(rewrite.rewrite(head.path()));
    }
    return toScheme + "://" + toHost + port + path(head.path(), newPath, strip);
  }

  /** The request's own, without its port if that is replaced or was the default of its scheme. */
  private static String host(RequestHead head, String toScheme, boolean newPort) {
    String authority = head.authority();
    int colon = authority.lastIndexOf(':');
    if (colon < 0 || authority.indexOf(']') > colon) {
      return authority;
    }
    String port = authority.substring(colon);
    boolean defaultPort =
        !toScheme.equals(head.forwardedScheme())
            && (head.forwardedScheme().equals("https") ? port.equals(":443") : port.equals(":80"));
    return newPort || defaultPort ? authority.substring(0, colon) : authority;
  }

  private static String path(String path, String newPath, boolean strip) {
    int query = PathRewrites.queryAt(path);
    if (!newPath.isEmpty()) {
      boolean keep = !strip && newPath.indexOf('?') < 0;
      return keep ? newPath + path.substring(query) : newPath;
    }
    return strip ? path.substring(0, query) : path;
  }
}
