package io.inmesh.config;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.inmesh.config.RouteAction.HashPolicy;
import io.inmesh.config.RouteAction.HashSource;
import io.inmesh.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code RouteAction.HashPolicy}; hashes are xxHash64 with seed 0, as Envoy's. */
final class HashPolicies {
  private static final Hasher64 XXH64 = Hashing.xxh64();

  private HashPolicies() {}

  static HashPolicy compile(io.inmesh.proto.envoy.config.route.v3.RouteAction.HashPolicy proto) {
    return new HashPolicy(source(proto), proto.getTerminal());
  }

  private static HashSource source(
      io.inmesh.proto.envoy.config.route.v3.RouteAction.HashPolicy proto) {
    switch (proto.getPolicySpecifierCase()) {
      case HEADER:
        if (proto.getHeader().hasRegexRewrite()) {
          throw ConfigException.notYet("header.regex_rewrite", "not implemented");
        }
        String header = required("header.header_name", proto.getHeader().getHeaderName());
        return (head, peer) -> header(head, header);
      case COOKIE:
        if (proto.getCookie().hasTtl()) {
          throw ConfigException.notYet(
              "cookie.ttl", "cookies are read, but none is made for a caller that has none");
        }
        String cookie = required("cookie.name", proto.getCookie().getName());
        return (head, peer) -> hashOrNull(cookie(head, cookie));
      case CONNECTION_PROPERTIES:
        return proto.getConnectionProperties().getSourceIp()
            ? (head, peer) -> hashOrNull(peer)
            : (head, peer) -> null;
      case QUERY_PARAMETER:
        String name = required("query_parameter.name", proto.getQueryParameter().getName());
        return (head, peer) -> hashOrNull(parameter(head.path(), name));
      case FILTER_STATE:
        throw ConfigException.notYet("filter_state", "there is no filter state");
      default:
        throw new ConfigException("policy_specifier", "is required");
    }
  }

  private static String required(String field, String value) {
    if (value.isEmpty()) {
      throw new ConfigException(field, "must not be empty");
    }
    return value;
  }

  static long hash(String text) {
    return XXH64.hashBytesToLong(text.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable Long hashOrNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : hash(text);
  }

  /** Several values are hashed sorted, so that their order does not matter. */
  private static @Nullable Long header(RequestHead head, String name) {
    if (name.startsWith(":") || name.equals("host")) {
      return hashOrNull(head.header(name));
    }
    List<String> values = head.headers().all(name);
    if (values.isEmpty()) {
      return null;
    }
    return values.size() == 1
        ? hash(values.get(0))
        : hash(String.join("", values.stream().sorted().toList()));
  }

  private static @Nullable String cookie(RequestHead head, String name) {
    for (String line : head.headers().all("cookie")) {
      for (String pair : line.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          String value = pair.substring(equals + 1).strip();
          boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
          return quoted ? value.substring(1, value.length() - 1) : value;
        }
      }
    }
    return null;
  }

  private static @Nullable String parameter(String path, String name) {
    int at = path.indexOf('?') + 1;
    while (at > 0 && at < path.length()) {
      int end = path.indexOf('&', at);
      end = end < 0 ? path.length() : end;
      int equals = path.indexOf('=', at);
      equals = equals < 0 || equals > end ? end : equals;
      if (equals - at == name.length() && path.startsWith(name, at)) {
        return path.substring(Math.min(equals + 1, end), end);
      }
      at = end + 1;
    }
    return null;
  }
}
