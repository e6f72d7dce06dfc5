package io.inmesh.javahttp;

import io.inmesh.okhttp.Verbatim;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/** From the JDK's requests to OkHttp's. */
final class Requests {
  private static final String USER_AGENT = "Java-http-client/" + System.getProperty("java.version");
  private static final byte[] NOTHING = {};

  /** OkHttp has no such request without a body; an empty one is the same on the wire. */
  private static final Set<String> WITH_BODY =
      Set.of("POST", "PUT", "PATCH", "PROPPATCH", "REPORT", "QUERY");

  private Requests() {}

  /**
   * Before anything is sent.
   *
   * @throws IllegalArgumentException for what the engine cannot send
   */
  static void check(HttpRequest request) {
    String scheme = request.uri().getScheme();
    if (scheme == null || !scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
      throw new IllegalArgumentException("invalid URI scheme " + scheme);
    }
    if (request.uri().getHost() == null) {
      throw new IllegalArgumentException("unsupported URI " + request.uri());
    }
  }

  /**
   * @param more headers that the request does not have: cookies, credentials
   */
  static Request of(HttpRequest request, Map<String, List<String>> more) {
    Headers.Builder headers = new Headers.Builder();
    request.headers().map().forEach((name, values) -> add(headers, name, values));
    more.forEach((name, values) -> add(headers, name, values));
    if (request.headers().firstValue("user-agent").isEmpty()) {
      headers.addUnsafeNonAscii("user-agent", USER_AGENT);
    }
    if (request.expectContinue()) {
      headers.set("expect", "100-continue");
    }
    return new Request.Builder()
        .url(url(request.uri()))
        .headers(headers.build())
        .method(request.method(), body(request))
        .tag(Verbatim.class, Verbatim.INSTANCE)
        .build();
  }

  private static void add(Headers.Builder headers, String name, List<String> values) {
    for (String value : values) {
      headers.addUnsafeNonAscii(name, value);
    }
  }

  /** As ASCII: a fragment is not sent, and OkHttp wants none of Java's other characters. */
  private static String url(URI uri) {
    return uri.toASCIIString();
  }

  private static @Nullable RequestBody body(HttpRequest request) {
    String method = request.method();
    HttpRequest.BodyPublisher publisher = request.bodyPublisher().orElse(null);
    if (publisher == null || publisher.contentLength() == 0) {
      return WITH_BODY.contains(method) ? RequestBody.create(NOTHING) : null;
    }
    if (method.equals("GET") || method.equals("HEAD")) {
      throw new IllegalArgumentException(
          "a "
              + method
              + " with a body cannot be sent through the mesh: "
              + request.uri()
              + "; use POST or QUERY");
    }
    return new PublishedBody(publisher);
  }
}
