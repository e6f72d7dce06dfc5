package io.inmesh.differential;

import java.util.ArrayList;
import java.util.List;

/**
 * What an upstream does with the attempts of one request: {@code 503+a,drop,200}. One word for each
 * attempt at that cluster, the last for all later ones: a status with letters for more, or {@code
 * drop} (closes without an answer), {@code hang} (never answers).
 */
public final class Script {
  public static final String BODY = "up";

  private Script() {}

  /** The word for an attempt, counted from 0. */
  public static String word(String script, int attempt) {
    String[] words = script.split(",");
    return words[Math.min(attempt, words.length - 1)];
  }

  public static int status(String word) {
    return Integer.parseInt(word.substring(0, 3));
  }

  /** Header names and values of an answer, {@code content-length} not among them. */
  public static List<String> headers(String word) {
    List<String> headers = new ArrayList<>(List.of("x-up", "yes"));
    for (int i = 4; i < word.length(); i++) {
      switch (word.charAt(i)) {
        case 'a' -> headers.addAll(List.of("x-a", "up"));
        case 'b' -> headers.addAll(List.of("x-b", "1", "x-b", "2"));
        case 's' -> headers.addAll(List.of("server", "app"));
        case 'd' -> headers.addAll(List.of("x-envoy-decorator-operation", "op"));
        case 't' -> headers.addAll(List.of("x-envoy-upstream-service-time", "7"));
        case 'g' -> headers.addAll(List.of("grpc-status", "14"));
        case 'c' -> headers.addAll(List.of("content-type", "text/html"));
        case 'r' -> headers.addAll(List.of("x-envoy-ratelimited", "true"));
        case 'v' -> headers.addAll(List.of("X-Mixed", "Case"));
        default -> throw new IllegalArgumentException(word);
      }
    }
    return headers;
  }

  public static boolean bodiless(String method, int status) {
    return method.equals("HEAD") || status == 204 || status == 304;
  }
}
