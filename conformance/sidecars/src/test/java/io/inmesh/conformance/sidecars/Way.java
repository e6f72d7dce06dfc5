package io.inmesh.conformance.sidecars;

import java.io.IOException;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** From a client of one kind to a server of one kind. */
enum Way {
  /** The reference. */
  ENVOY_TO_ENVOY(true, "envoy-server"),
  INMESH_TO_ENVOY(false, "envoy-server"),
  ENVOY_TO_INMESH(true, "inmesh-server"),
  INMESH_TO_INMESH(false, "inmesh-server");

  private static final OkHttpClient HTTP1 = Shop.plain(Protocol.HTTP_1_1);
  private static final OkHttpClient HTTP2 = Shop.plain(Protocol.H2_PRIOR_KNOWLEDGE);

  private final boolean envoyClient;
  final String server;

  Way(boolean envoyClient, String server) {
    this.envoyClient = envoyClient;
    this.server = server;
  }

  /** A request of the application. */
  record Asked(String name, String method, String path, String body, Map<String, String> headers) {
    static Asked get(String path, String... headers) {
      Map<String, String> fields = new java.util.LinkedHashMap<>();
      for (int i = 0; i < headers.length; i += 2) {
        fields.put(headers[i], headers[i + 1]);
      }
      return new Asked("GET " + path + " " + fields, "GET", path, "", fields);
    }

    static Asked post(String path, String body) {
      return new Asked("POST " + path, "POST", path, body, Map.of());
    }
  }

  /**
   * @param http2 the service's port that is declared HTTP/2; the application speaks it as well
   */
  Answer ask(Shop shop, boolean http2, Asked asked) throws IOException {
    return ask(shop, envoyClient, server, http2, asked);
  }

  static Answer ask(Shop shop, boolean envoyClient, String server, boolean http2, Asked asked)
      throws IOException {
    int port = http2 ? shop.http2 : shop.http;
    String authority = server + ".shop:" + port;
    Request.Builder request =
        new Request.Builder()
            .url("http://" + (envoyClient ? "127.0.0.1:" + port : authority) + asked.path())
            .header("accept-encoding", "identity")
            .header("user-agent", "application");
    if (envoyClient) {
      request.header("host", authority);
    }
    asked.headers().forEach(request::header);
    request.method(
        asked.method(),
        asked.method().equals("POST") ? RequestBody.create(asked.body().getBytes()) : null);
    OkHttpClient client = envoyClient ? http2 ? HTTP2 : HTTP1 : shop.inmeshClient;
    try (Response response = client.newCall(request.build()).execute()) {
      return Answer.of(response);
    }
  }
}
