package io.inmesh.servlet;

import io.inmesh.driver.Answer;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;

/** Heads between the Servlet API's form and the mesh's. */
final class ServletHeads {
  private ServletHeads() {}

  static RequestHead request(HttpServletRequest request) {
    Headers headers = new Headers(24);
    String host = null;
    for (Enumeration<String> names = request.getHeaderNames(); names.hasMoreElements(); ) {
      String name = names.nextElement();
      for (Enumeration<String> each = request.getHeaders(name); each.hasMoreElements(); ) {
        String value = each.nextElement();
        if (name.equalsIgnoreCase("host")) {
          host = value;
        } else {
          headers.add(name, value);
        }
      }
    }
    String query = request.getQueryString();
    return new RequestHead(
        request.getMethod(),
        "http",
        host == null ? request.getServerName() + ":" + request.getServerPort() : host,
        query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query,
        headers,
        protocol(request.getProtocol()));
  }

  private static Protocol protocol(String text) {
    if (text.startsWith("HTTP/2")) {
      return Protocol.HTTP2;
    }
    return text.equals("HTTP/1.0") ? Protocol.HTTP10 : Protocol.HTTP11;
  }

  static void write(Answer answer, HttpServletResponse response) throws IOException {
    response.setStatus(answer.head().status());
    Headers headers = answer.head().headers();
    for (int i = 0; i < headers.size(); i++) {
      response.addHeader(headers.name(i), headers.value(i));
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }
}
