package io.inmesh.conformance;

import io.inmesh.http.Headers;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request as a server read it from the wire. */
public record Received(String method, String target, Headers headers, byte[] body) {
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  public @Nullable String header(String name) {
    return headers.joined(name);
  }

  /** Null at the end of the connection. */
  static @Nullable Received read(InputStream in) throws IOException {
    String start;
    try {
      start = RawServer.line(in);
    } catch (EOFException e) {
      return null;
    }
    String[] parts = start.split(" ");
    Headers headers = new Headers();
    for (String line; !(line = RawServer.line(in)).isEmpty(); ) {
      int colon = line.indexOf(':');
      headers.add(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    return new Received(parts[0], parts[1], headers, body(in, headers));
  }

  private static byte[] body(InputStream in, Headers headers) throws IOException {
    String length = headers.first("content-length");
    if (length != null) {
      return in.readNBytes(Integer.parseInt(length));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(headers.first("transfer-encoding"))) {
      for (int size; (size = Integer.parseInt(RawServer.line(in), 16)) > 0; ) {
        body.write(in.readNBytes(size));
        RawServer.line(in);
      }
      RawServer.line(in);
    }
    return body.toByteArray();
  }
}
