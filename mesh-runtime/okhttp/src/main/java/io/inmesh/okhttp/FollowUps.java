package io.inmesh.okhttp;

import java.io.IOException;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What OkHttp does with an answer before its caller sees it: redirects, and the application's
 * authenticator. OkHttp's own follow-ups stand below the mesh, which does not call them.
 */
final class FollowUps {
  /** OkHttp's limit. */
  static final int LIMIT = 20;

  private FollowUps() {}

  /** The next request, or null when the answer is the caller's. */
  static @Nullable Request next(Response answer, Interceptor.Chain chain) throws IOException {
    Request next =
        switch (answer.code()) {
          case 401 -> chain.getAuthenticator().authenticate(null, answer);
          case 300, 301, 302, 303, 307, 308 -> redirected(answer, chain);
          default -> null;
        };
    RequestBody body = next == null ? null : next.body();
    return body != null && body.isOneShot() ? null : next;
  }

  private static @Nullable Request redirected(Response answer, Interceptor.Chain chain) {
    if (!chain.getFollowRedirects()) {
      return null;
    }
    String location = answer.header("Location");
    Request request = answer.request();
    HttpUrl url = location == null ? null : request.url().resolve(location);
    if (url == null) {
      return null;
    }
    if (!url.scheme().equals(request.url().scheme()) && !chain.getFollowSslRedirects()) {
      return null;
    }
    Request.Builder next = request.newBuilder();
    method(next, request, answer.code());
    if (!sameHost(url, request.url())) {
      next.removeHeader("Authorization");
      // written for the first host; OkHttp would carry it on, and route nowhere else by it
      next.removeHeader("Host");
    }
    return next.url(url).build();
  }

  /** OkHttp's table: 307 and 308 keep method and body, the others mostly do not. */
  private static void method(Request.Builder next, Request request, int code) {
    String method = request.method();
    if (method.equals("GET") || method.equals("HEAD")) {
      return;
    }
    boolean keep =
        code == 307
            || code == 308
            || method.equals("PROPFIND")
            || (method.equals("QUERY") && code != 303);
    if (keep) {
      next.method(method, request.body());
    } else {
      next.method("GET", null);
      next.removeHeader("Transfer-Encoding");
      next.removeHeader("Content-Length");
      next.removeHeader("Content-Type");
    }
  }

  private static boolean sameHost(HttpUrl one, HttpUrl other) {
    return one.host().equals(other.host())
        && one.port() == other.port()
        && one.scheme().equals(other.scheme());
  }
}
