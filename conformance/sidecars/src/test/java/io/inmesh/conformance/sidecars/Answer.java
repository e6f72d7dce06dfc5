package io.inmesh.conformance.sidecars;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import okhttp3.Response;

/**
 * What a caller got, and inside it what the application saw. Names of this and that side, hashes
 * and times are masked; everything else counts.
 *
 * @param text comparable
 * @param peer the URI of x-forwarded-client-cert that the application saw; empty without
 * @param hash the certificate's, as the application saw it
 */
record Answer(int status, String text, String peer, String hash) {
  /** Headers of the answer that are not the application's container's own affair. */
  private static final List<String> LISTED =
      List.of(
          "content-type",
          "grpc-message",
          "grpc-status",
          "server",
          "x-app",
          "x-envoy-attempt-count",
          "x-envoy-decorator-operation",
          "x-envoy-overloaded",
          "x-envoy-upstream-service-time",
          "x-request-id",
          "www-authenticate");

  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern HASH = Pattern.compile("Hash=([0-9a-f]{64})");
  private static final Pattern URI = Pattern.compile("URI=(spiffe://[^;,\\s]+)");

  static Answer of(Response response) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    response
        .headers()
        .forEach(
            header -> {
              String name = header.getFirst().toLowerCase(Locale.ROOT);
              if (LISTED.contains(name)) {
                headers.merge(name, header.getSecond(), (a, b) -> a + " & " + b);
              }
            });
    headers.replace("x-envoy-upstream-service-time", "MILLIS");
    String body = response.body().string();
    StringBuilder text = new StringBuilder().append(response.code()).append('\n');
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    text.append(body.isEmpty() ? "(no body)" : body);
    return new Answer(
        response.code(), masked(text.toString()), first(URI, body), first(HASH, body));
  }

  /** A connection that gave no answer at all. */
  static Answer none() {
    return new Answer(0, "closed", "", "");
  }

  private static String first(Pattern pattern, String text) {
    var found = pattern.matcher(text);
    return found.find() ? found.group(1) : "";
  }

  private static String masked(String text) {
    String masked = HASH.matcher(text).replaceAll("Hash=HASH");
    masked = UUID.matcher(masked).replaceAll("UUID");
    return masked
        .replaceAll("(envoy|inmesh)-(client|server)", "$2")
        .replaceAll("x-envoy-expected-rq-timeout-ms: \\d+", "x-envoy-expected-rq-timeout-ms: MS")
        .strip();
  }
}
