package io.inmesh.conformance;

import io.inmesh.call.CallContext;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A meshed server that runs an application of the contract's. */
public interface ServerUnderTest extends AutoCloseable {
  int port();

  @Override
  void close() throws Exception;

  /** What the server shows each request to. */
  @FunctionalInterface
  interface Application {
    Response serve(Request request) throws Exception;
  }

  /**
   * A request as the application sees it.
   *
   * @param target path and query
   * @param headers names in lower case
   * @param peer the attribute {@code io.inmesh.peer}
   * @param context what {@code CurrentCall.context()} gave in the application's code
   */
  record Request(
      String method,
      String target,
      Map<String, String> headers,
      String scheme,
      boolean secure,
      @Nullable Object peer,
      CallContext context,
      int bodyLength) {}

  /** What the application answers. */
  record Response(int status, Map<String, String> headers, String body) {
    public static Response text(String body) {
      return new Response(200, new TreeMap<>(Map.of("content-type", "text/plain")), body);
    }
  }
}
