package io.inmesh.servlet;

import io.inmesh.http.HeaderNames;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The request with its head as the mesh left it. */
final class MeshRequest extends HttpServletRequestWrapper {
  private final RequestHead head;

  MeshRequest(HttpServletRequest request, RequestHead head) {
    super(request);
    this.head = head;
  }

  @Override
  public @Nullable String getHeader(String name) {
    String lower = HeaderNames.lower(name);
    return lower.equals("host") ? super.getHeader(name) : head.headers().first(lower);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    String lower = HeaderNames.lower(name);
    return lower.equals("host")
        ? super.getHeaders(name)
        : Collections.enumeration(head.headers().all(lower));
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    Set<String> names = new LinkedHashSet<>();
    if (super.getHeader("host") != null) {
      names.add("host");
    }
    Headers headers = head.headers();
    for (int i = 0; i < headers.size(); i++) {
      names.add(headers.name(i));
    }
    return Collections.enumeration(List.copyOf(names));
  }

  @Override
  public int getIntHeader(String name) {
    String value = getHeader(name);
    return value == null ? -1 : Integer.parseInt(value);
  }

  @Override
  public String getRequestURI() {
    return head.path().substring(0, head.pathLength());
  }

  @Override
  public @Nullable String getQueryString() {
    int end = head.pathLength();
    return end >= head.path().length() ? null : head.path().substring(end + 1);
  }

  /** Behind mTLS the application sees http, as behind a sidecar. */
  @Override
  public String getScheme() {
    return head.scheme();
  }

  @Override
  public boolean isSecure() {
    return false;
  }
}
