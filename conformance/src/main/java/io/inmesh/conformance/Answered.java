package io.inmesh.conformance;

import io.inmesh.http.Headers;
import java.nio.charset.StandardCharsets;

/** What the caller got, to the last byte. */
public record Answered(int status, Headers headers, byte[] body, Headers trailers) {
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
