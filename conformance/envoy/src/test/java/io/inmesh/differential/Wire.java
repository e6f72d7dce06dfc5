package io.inmesh.differential;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 as bytes, read without opinions. Everything is ISO-8859-1. */
public final class Wire {
  private Wire() {}

  /** A request with its body. */
  public record Request(String method, String path, List<String> headers, String body) {
    public static @Nullable Request read(InputStream in) throws IOException {
      String line = line(in);
      if (line == null) {
        return null;
      }
      int first = line.indexOf(' ');
      int last = line.lastIndexOf(' ');
      List<String> headers = readHeaders(in);
      String body = readBody(in, headers, false);
      return new Request(line.substring(0, first), line.substring(first + 1, last), headers, body);
    }

    public @Nullable String first(String name) {
      return Wire.first(headers, name);
    }
  }

  /** A response with its body. */
  public record Response(int status, List<String> headers, String body) {
    public static @Nullable Response read(InputStream in, String method) throws IOException {
      String line = line(in);
      if (line == null) {
        return null;
      }
      int status = Integer.parseInt(line.substring(9, 12));
      List<String> headers = readHeaders(in);
      if (status < 200) {
        return read(in, method);
      }
      String body = Script.bodiless(method, status) ? "" : readBody(in, headers, true);
      return new Response(status, headers, body);
    }

    public boolean closes() {
      return "close".equalsIgnoreCase(first(headers, "connection"));
    }
  }

  static @Nullable String first(List<String> headers, String name) {
    for (int i = 0; i < headers.size(); i += 2) {
      if (headers.get(i).equalsIgnoreCase(name)) {
        return headers.get(i + 1);
      }
    }
    return null;
  }

  private static List<String> readHeaders(InputStream in) throws IOException {
    List<String> headers = new ArrayList<>();
    for (String line; !(line = some(in)).isEmpty(); ) {
      int colon = line.indexOf(':');
      headers.add(line.substring(0, colon));
      headers.add(line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static String readBody(InputStream in, List<String> headers, boolean response)
      throws IOException {
    if ("chunked".equals(first(headers, "transfer-encoding"))) {
      StringBuilder body = new StringBuilder();
      for (int size; (size = Integer.parseInt(some(in), 16)) > 0; ) {
        body.append(bytes(in, size));
        some(in);
      }
      some(in);
      return body.toString();
    }
    String length = first(headers, "content-length");
    if (length != null) {
      return bytes(in, Integer.parseInt(length));
    }
    return response ? new String(in.readAllBytes(), StandardCharsets.ISO_8859_1) : "";
  }

  private static String bytes(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String some(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      throw new EOFException();
    }
    return line;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        return null;
      }
      line.append((char) c);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }
}
