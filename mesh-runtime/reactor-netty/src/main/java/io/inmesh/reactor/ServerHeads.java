package io.inmesh.reactor;

import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Heads of served requests between Netty's form and the mesh's. */
final class ServerHeads {
  /** Netty's notes about an HTTP/2 stream: kept, and nobody else's to see or to forge. */
  private static final String NETTYS = "x-http2-";

  private ServerHeads() {}

  static RequestHead request(HttpRequest request, boolean http2) {
    Headers headers = Heads.headers(request.headers(), 6);
    String host = request.headers().get("host");
    headers.remove("host");
    return new RequestHead(
        request.method().name(),
        "http",
        host == null ? "" : host,
        path(request.uri()),
        headers,
        http2
            ? Protocol.HTTP2
            : request.protocolVersion().equals(HttpVersion.HTTP_1_0)
                ? Protocol.HTTP10
                : Protocol.HTTP11);
  }

  /** Of an absolute form, what follows the authority. */
  private static String path(String uri) {
    if (uri.startsWith("http://") || uri.startsWith("https://")) {
      int slash = uri.indexOf('/', uri.indexOf("//") + 2);
      return slash < 0 ? "/" : uri.substring(slash);
    }
    return uri;
  }

  /** Lets the application see the head as the mesh left it. */
  static void apply(RequestHead head, HttpRequest request) {
    HttpHeaders to = request.headers();
    List<Map.Entry<String, String>> kept = framing(to);
    to.clear();
    if (!head.authority().isEmpty()) {
      to.set("host", head.authority());
    }
    Heads.copy(head.headers(), to);
    restore(kept, to);
    request.setUri(head.path());
  }

  /** What Netty needs to know of the connection and of the body, which is no affair of the mesh. */
  private static List<Map.Entry<String, String>> framing(HttpHeaders headers) {
    List<Map.Entry<String, String>> kept = new ArrayList<>(3);
    for (Map.Entry<String, String> field : headers) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(NETTYS)
          || name.equals("connection")
          || name.equals("transfer-encoding")) {
        kept.add(Map.entry(name, field.getValue()));
      }
    }
    return kept;
  }

  private static void restore(List<Map.Entry<String, String>> kept, HttpHeaders to) {
    for (Map.Entry<String, String> field : kept) {
      if (!to.contains(field.getKey())) {
        to.add(field.getKey(), field.getValue());
      }
    }
  }

  /**
   * The application's response head.
   *
   * @param whole false: without its headers, which nobody wants to see
   */
  static ResponseHead response(HttpResponse response, boolean whole) {
    return new ResponseHead(
        response.status().code(), whole ? Heads.headers(response.headers(), 5) : new Headers(3));
  }

  /** Writes the edited head back. */
  static void apply(ResponseHead head, HttpResponse response, boolean whole) {
    HttpHeaders to = response.headers();
    Headers headers = head.headers();
    if (!whole) {
      for (int i = 0; i < headers.size(); i++) {
        to.set(headers.name(i), headers.value(i));
      }
      return;
    }
    if (head.status() != response.status().code()) {
      response.setStatus(HttpResponseStatus.valueOf(head.status()));
    }
    List<Map.Entry<String, String>> kept = framing(to);
    to.clear();
    Heads.copy(headers, to);
    restore(kept, to);
  }
}
