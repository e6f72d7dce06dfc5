package io.inmesh.javahttp;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** What the JDK's client makes of a redirect. */
final class Redirects {
  /** The JDK's limit and its property. */
  static final int LIMIT = Integer.getInteger("jdk.httpclient.redirects.retrylimit", 5);

  private Redirects() {}

  /** The next request; null: the answer is the caller's. */
  static @Nullable HttpRequest next(
      HttpClient.Redirect policy, HttpRequest request, Response answer) {
    String location = answer.header("Location");
    if (policy == HttpClient.Redirect.NEVER || location == null || !redirects(answer.code())) {
      return null;
    }
    URI to;
    try {
      to = request.uri().resolve(location);
    } catch (IllegalArgumentException e) {
      return null;
    }
    String scheme = to.getScheme();
    if (scheme == null
        || to.getHost() == null
        || !scheme.equals("http") && !scheme.equals("https")) {
      return null;
    }
    if (policy == HttpClient.Redirect.NORMAL
        && request.uri().getScheme().equalsIgnoreCase("https")
        && scheme.equals("http")) {
      return null;
    }
    return to(to, request, method(answer.code(), request.method()));
  }

  private static boolean redirects(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private static String method(int status, String before) {
    return switch (status) {
      case 301, 302 -> before.equals("POST") ? "GET" : before;
      case 303 -> before.equals("HEAD") ? before : "GET";
      default -> before;
    };
  }

  private static HttpRequest to(URI to, HttpRequest request, String method) {
    boolean sameOrigin =
        to.getHost().equalsIgnoreCase(request.uri().getHost())
            && to.getPort() == request.uri().getPort()
            && to.getScheme().equalsIgnoreCase(request.uri().getScheme());
    boolean keepsBody = method.equals(request.method());
    HttpRequest.Builder next = HttpRequest.newBuilder(to);
    request
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!sameOrigin && name.equalsIgnoreCase("authorization")
                  || !keepsBody && name.equalsIgnoreCase("content-type")) {
                return;
              }
              values.forEach(value -> next.header(name, value));
            });
    next.method(
        method,
        keepsBody && request.bodyPublisher().isPresent()
            ? request.bodyPublisher().get()
            : HttpRequest.BodyPublishers.noBody());
    next.expectContinue(keepsBody && request.expectContinue());
    request.timeout().ifPresent(next::timeout);
    request.version().ifPresent(next::version);
    return next.build();
  }
}
