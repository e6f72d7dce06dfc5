package io.inmesh.http;

import org.jspecify.annotations.Nullable;

/**
 * A request without its body. Pseudo headers are fields of their own; {@link #header} also answers
 * to their HTTP/2 names. Mutable (filters and routes edit it), owned by one call, not thread-safe.
 */
public final class RequestHead {
  private String method;
  private String scheme;
  private String authority;
  private String path;
  private final Headers headers;
  private final Protocol protocol;

  /**
   * @param authority host with or without port, as the caller wrote it ({@code Host} or {@code
   *     :authority}); may be empty
   * @param path path with query, as on the request line; the path is not normalised yet
   */
  public RequestHead(
      String method,
      String scheme,
      String authority,
      String path,
      Headers headers,
      Protocol protocol) {
    this.method = method;
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.headers = headers;
    this.protocol = protocol;
  }

  public String method() {
    return method;
  }

  public String scheme() {
    return scheme;
  }

  /** What the first caller used, as far as a proxy in between says so; for locations. */
  public String forwardedScheme() {
    String forwarded = headers.first("x-forwarded-proto");
    if (forwarded == null || !forwarded.equals("https") && !forwarded.equals("http")) {
      return scheme;
    }
    return forwarded;
  }

  public String authority() {
    return authority;
  }

  /** Path with query. */
  public String path() {
    return path;
  }

  public Headers headers() {
    return headers;
  }

  public Protocol protocol() {
    return protocol;
  }

  public void method(String value) {
    method = value;
  }

  public void scheme(String value) {
    scheme = value;
  }

  public void authority(String value) {
    authority = value;
  }

  public void path(String value) {
    path = value;
  }

  /** Length of the path without query and fragment. */
  public int pathLength() {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?' || c == '#') {
        return i;
      }
    }
    return path.length();
  }

  /**
   * The joined value of a header, pseudo headers included ({@code :method}, {@code :path}, {@code
   * :authority}, {@code host}, {@code :scheme}).
   */
  public @Nullable String header(String name) {
    if (name.startsWith(":")) {
      return switch (name) {
        case ":method" -> method;
        case ":path" -> path;
        case ":authority" -> authority;
        case ":scheme" -> scheme;
        default -> null;
      };
    }
    return name.equals("host") ? authority : headers.joined(name);
  }

  /**
   * True for {@code content-type: application/grpc}, with or without a suffix, as Envoy decides it.
   */
  public boolean grpc() {
    String type = headers.joined("content-type");
    return type != null
        && type.startsWith("application/grpc")
        && (type.length() == 16 || type.charAt(16) == '+' || type.charAt(16) == ';');
  }

  public RequestHead copy() {
    return new RequestHead(method, scheme, authority, path, headers.copy(), protocol);
  }

  @Override
  public String toString() {
    return method + " " + scheme + "://" + authority + path.substring(0, pathLength());
  }
}
