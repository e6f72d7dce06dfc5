package io.inmesh.conformance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as the contract makes it.
 *
 * @param headers names and values in turn
 * @param body null: none; else it can be sent again
 */
public record Asked(
    String method,
    String url,
    List<String> headers,
    byte @org.jspecify.annotations.Nullable [] body) {
  public static Asked get(String url) {
    return new Asked("GET", url, List.of(), null);
  }

  public static Asked post(String url, String body) {
    return post(url, body.getBytes(StandardCharsets.UTF_8));
  }

  public static Asked post(String url, byte[] body) {
    return new Asked("POST", url, List.of(), body);
  }

  public Asked with(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name);
    more.add(value);
    return new Asked(method, url, more, body);
  }
}
