package io.inmesh.okhttp;

import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.io.IOException;
import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttp;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Heads, from OkHttp's form to the engine's and back, each in one pass. Adds to a request what
 * OkHttp's own bridge would have added, since the bridge stands below the mesh.
 */
final class Heads {
  private static final String USER_AGENT = "okhttp/" + OkHttp.VERSION;

  private Heads() {}

  /** True when {@link #request} asks for gzip on OkHttp's behalf, and its answer is decoded. */
  static boolean transparentGzip(Request request) {
    return request.header("Accept-Encoding") == null
        && request.header("Range") == null
        && !Verbatim.is(request);
  }

  static RequestHead request(Request request, CookieJar cookies, boolean gzip) throws IOException {
    okhttp3.Headers from = request.headers();
    Headers to = new Headers(from.size() + 10);
    HttpUrl url = request.url();
    RequestBody body = request.body();
    MediaType type = body == null ? null : body.contentType();
    List<Cookie> jar = cookies.loadForRequest(url);
    String authority = null;
    boolean userAgent = false;
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (name.equalsIgnoreCase("host")) {
        authority = from.value(i);
      } else if (body != null && name.equalsIgnoreCase("content-length")
          || type != null && name.equalsIgnoreCase("content-type")
          || !jar.isEmpty() && name.equalsIgnoreCase("cookie")) {
        continue; // said below, as OkHttp would
      } else {
        userAgent |= name.equalsIgnoreCase("user-agent");
        to.add(name, from.value(i));
      }
    }
    if (type != null) {
      to.add("content-type", type.toString());
    }
    if (body != null) {
      long length = body.contentLength();
      if (length >= 0) {
        to.add("content-length", Long.toString(length));
      }
    }
    if (gzip) {
      to.add("accept-encoding", "gzip");
    }
    if (!jar.isEmpty()) {
      to.add("cookie", cookies(jar));
    }
    if (!userAgent && !Verbatim.is(request)) {
      to.add("user-agent", USER_AGENT);
    }
    return new RequestHead(
        request.method(),
        url.scheme(),
        authority == null ? authority(url) : authority,
        path(url),
        to,
        Protocol.HTTP11);
  }

  private static String authority(HttpUrl url) {
    String host = url.host();
    boolean brackets = host.indexOf(':') >= 0;
    int port = url.port();
    if (port == HttpUrl.defaultPort(url.scheme())) {
      return brackets ? "[" + host + "]" : host;
    }
    return brackets ? "[" + host + "]:" + port : host + ":" + port;
  }

  private static String path(HttpUrl url) {
    String query = url.encodedQuery();
    return query == null ? url.encodedPath() : url.encodedPath() + "?" + query;
  }

  private static String cookies(List<Cookie> jar) {
    StringBuilder text = new StringBuilder();
    for (Cookie cookie : jar) {
      text.append(text.length() == 0 ? "" : "; ");
      text.append(cookie.name()).append('=').append(cookie.value());
    }
    return text.toString();
  }

  /**
   * What goes on the wire. {@code content-length} is left to OkHttp, which knows how it will frame
   * the body. Straight into the builder where OkHttp's strict reading allows: headers as a whole
   * are copied three times.
   */
  static void wire(RequestHead head, Request.Builder to) {
    Headers from = head.headers();
    if (!plain(head.authority()) || !plain(from)) {
      okhttp3.Headers.Builder lenient = new okhttp3.Headers.Builder();
      lenient.addUnsafeNonAscii("host", head.authority());
      for (int i = 0; i < from.size(); i++) {
        if (wired(from.name(i))) {
          lenient.addUnsafeNonAscii(from.name(i), from.value(i));
        }
      }
      to.headers(lenient.build());
      return;
    }
    to.addHeader("host", head.authority());
    for (int i = 0; i < from.size(); i++) {
      if (wired(from.name(i))) {
        to.addHeader(from.name(i), from.value(i));
      }
    }
  }

  private static boolean wired(String name) {
    return !name.equals("content-length") && !name.equals("host");
  }

  static ResponseHead response(Response response) {
    okhttp3.Headers from = response.headers();
    return new ResponseHead(response.code(), headers(from, 4));
  }

  static Headers headers(okhttp3.Headers from, int room) {
    Headers to = new Headers(from.size() + room);
    for (int i = 0; i < from.size(); i++) {
      to.add(from.name(i), from.value(i));
    }
    return to;
  }

  /** For the caller; straight into the builder where that may be. */
  static void headers(Headers from, Response.Builder to) {
    if (!plain(from)) {
      to.headers(headers(from));
      return;
    }
    for (int i = 0; i < from.size(); i++) {
      to.addHeader(from.name(i), from.value(i));
    }
  }

  static okhttp3.Headers headers(Headers from) {
    okhttp3.Headers.Builder headers = new okhttp3.Headers.Builder();
    for (int i = 0; i < from.size(); i++) {
      headers.addUnsafeNonAscii(from.name(i), from.value(i));
    }
    return headers.build();
  }

  private static boolean plain(Headers headers) {
    for (int i = 0; i < headers.size(); i++) {
      if (!plain(headers.value(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean plain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '\t' && (c < 0x20 || c > 0x7e)) {
        return false;
      }
    }
    return true;
  }
}
