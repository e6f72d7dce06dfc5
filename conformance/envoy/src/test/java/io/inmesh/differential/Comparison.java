package io.inmesh.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What differs between two answers, in words. */
final class Comparison {
  /** Differ from run to run, or are the HTTP library's. */
  private static final Set<String> NOT_COMPARED =
      Set.of("date", "content-length", "transfer-encoding", "connection", "keep-alive");

  /** Compared by presence alone. */
  private static final Set<String> BY_PRESENCE =
      Set.of("x-request-id", "x-envoy-upstream-service-time");

  /** Envoy joins repeated fields of these, which says the same (RFC 9110, 5.3). */
  private static final Set<String> ONE_FIELD =
      Set.of(
          "accept",
          "accept-encoding",
          "content-type",
          "te",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host",
          "grpc-timeout",
          "user-agent",
          "server",
          "x-envoy-attempt-count",
          "x-envoy-decorator-operation",
          "x-envoy-original-path",
          "x-forwarded-client-cert");

  private static final String TIMEOUT = "x-envoy-expected-rq-timeout-ms";

  private Comparison() {}

  static List<String> differences(Answer envoy, Answer inmesh) {
    List<String> found = new ArrayList<>();
    if (refusedUnread(envoy)) {
      if (!refused(envoy, inmesh)) {
        found.add("refusal: Envoy's codec refuses / Inmesh " + inmesh);
      }
      return found;
    }
    compare(found, "status", envoy.status(), inmesh.status());
    compare(found, "body", envoy.body(), inmesh.body());
    compare(found, "details", details(envoy.details()), details(inmesh.details()));
    if (envoy.details().equals("path_normalization_failed")) {
      if (!envoy.route().equals(inmesh.route())) {
        Seen.deviation(Deviations.ROUTE_OF_MALFORMED);
      }
      return found; // whether a path that is refused has a route depends in Envoy on other headers
    }
    compare(found, "route", envoy.route(), inmesh.route());
    compare(found, "flags", envoy.flags(), inmesh.flags());
    if (!envoy.upstream().isEmpty() || !inmesh.upstream().isEmpty()) {
      compare(found, "cluster", envoy.cluster(), inmesh.cluster());
      compare(found, "attempts", envoy.attempts(), inmesh.attempts());
    }
    compare(found, "response headers", headers(envoy.headers()), headers(inmesh.headers()));
    joined(envoy, inmesh);
    compare(
        found, "upstream", upstream(envoy.upstream(), true), upstream(inmesh.upstream(), false));
    return found;
  }

  /** In gRPC's way for a gRPC request, whose headers Envoy's codec has not read. */
  private static boolean refused(Answer envoy, Answer inmesh) {
    boolean grpc = Wire.first(inmesh.headers(), "grpc-status") != null;
    return inmesh.upstream().isEmpty() && (inmesh.status() == envoy.status() || grpc);
  }

  /** Envoy's codec refuses a request before its log can tell it from others. */
  private static boolean refusedUnread(Answer envoy) {
    return envoy.status() >= 400 && envoy.details().isEmpty();
  }

  private static void compare(List<String> found, String what, Object envoy, Object inmesh) {
    if (!envoy.equals(inmesh)) {
      found.add(what + ": Envoy " + envoy + " / Inmesh " + inmesh);
    }
  }

  /** The transport's own words are the transport's. */
  private static String details(String details) {
    int bar = details.indexOf('|');
    return bar < 0 ? details : details.substring(0, bar) + "}";
  }

  /** Takes note where only the number of fields differs that say the same. */
  private static void joined(Answer envoy, Answer inmesh) {
    if (envoy.upstream().size() != 1 || inmesh.upstream().size() != 1) {
      return;
    }
    for (String name : ONE_FIELD) {
      long theirs = fields(envoy.upstream().get(0).headers(), name);
      if (theirs == 1 && fields(inmesh.upstream().get(0).headers(), name) > 1) {
        Seen.deviation(Deviations.JOINED);
      }
    }
  }

  private static long fields(List<String> headers, String name) {
    long fields = 0;
    for (int i = 0; i < headers.size(); i += 2) {
      fields += headers.get(i).equals(name) ? 1 : 0;
    }
    return fields;
  }

  private static List<String> upstream(List<Answer.Got> got, boolean envoy) {
    List<String> all = new ArrayList<>();
    java.util.Set<String> tried = new java.util.HashSet<>();
    for (Answer.Got one : got) {
      // what is left of a time-out when a retry starts depends on the clock
      boolean first = tried.add(one.cluster());
      all.add(
          one.cluster()
              + " "
              + one.method()
              + " "
              + one.path()
              + " host="
              + (one.host() == null ? null : one.host().strip())
              + " "
              + headers(envoy ? Deviations.mirrored(one) : one.headers(), first));
    }
    all.sort(null);
    return all;
  }

  /** By name; the order of a name's values counts, that of names does not. */
  private static TreeMap<String, List<String>> headers(List<String> headers) {
    return headers(headers, true);
  }

  private static TreeMap<String, List<String>> headers(List<String> headers, boolean first) {
    TreeMap<String, List<String>> byName = new TreeMap<>();
    UnaryOperator<String> lower = name -> name.toLowerCase(Locale.ROOT);
    for (int i = 0; i < headers.size(); i += 2) {
      String name = lower.apply(headers.get(i));
      if (!NOT_COMPARED.contains(name)) {
        boolean any = BY_PRESENCE.contains(name) || !first && name.equals(TIMEOUT);
        String value = any ? "(any)" : headers.get(i + 1).strip();
        byName.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
      }
    }
    for (String name : BY_PRESENCE) {
      byName.computeIfPresent(name, (n, values) -> List.of("(any)"));
    }
    for (String name : ONE_FIELD) {
      byName.computeIfPresent(
          name, (n, values) -> List.of(String.join(",", values).replace(", ", ",")));
    }
    return byName;
  }
}
