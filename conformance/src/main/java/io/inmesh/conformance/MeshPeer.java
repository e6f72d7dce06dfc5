package io.inmesh.conformance;

import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TestPki;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Calls a server as a sidecar would: Istio's SNI and ALPN, a workload's certificate. */
public final class MeshPeer implements AutoCloseable {
  static final String SNI = "outbound_.8080_._.reviews.shop.svc.cluster.local";

  private final OkHttpClient client;
  private final String scheme;

  private MeshPeer(OkHttpClient client, String scheme) {
    this.client = client;
    this.scheme = scheme;
  }

  /** Under mutual TLS. */
  public static MeshPeer mutual(TestPki.Leaf leaf, boolean http2) {
    IdentityStore store = new IdentityStore();
    store.update(leaf.material());
    try {
      OutboundTlsContext tls =
          new OutboundTls(store, Clock.systemUTC())
              .context(
                  OutboundTlsSpec.mesh(
                      SNI,
                      http2 ? OutboundTlsSpec.ISTIO_H2 : OutboundTlsSpec.ISTIO_HTTP_1_1,
                      SanMatcher.any()));
      List<Protocol> protocols =
          http2 ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.HTTP_1_1);
      return new MeshPeer(
          builder()
              .sslSocketFactory(tls.socketFactory(), tls.trustManager())
              .hostnameVerifier(tls.hostnameVerifier())
              .protocols(protocols)
              .build(),
          "https");
    } catch (IdentityUnavailableException e) {
      throw new AssertionError(e);
    }
  }

  /** In plaintext; HTTP/2 by prior knowledge. */
  public static MeshPeer plaintext(boolean http2) {
    return new MeshPeer(
        builder()
            .protocols(List.of(http2 ? Protocol.H2_PRIOR_KNOWLEDGE : Protocol.HTTP_1_1))
            .build(),
        "http");
  }

  private static OkHttpClient.Builder builder() {
    return new OkHttpClient.Builder()
        .connectionPool(new ConnectionPool(5, 60, TimeUnit.SECONDS))
        .retryOnConnectionFailure(false)
        .socketFactory(PromptSockets.INSTANCE)
        .readTimeout(20, TimeUnit.SECONDS);
  }

  /** A GET unless there is a body; headers as names and values in turn. */
  public Response call(int port, String target, byte @Nullable [] body, String... headers)
      throws IOException {
    Request.Builder request = new Request.Builder().url(scheme + "://127.0.0.1:" + port + target);
    if (body != null) {
      request.post(RequestBody.create(body));
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.newCall(request.build()).execute();
  }

  public Response get(int port, String target, String... headers) throws IOException {
    return call(port, target, null, headers);
  }

  @Override
  public void close() {
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
  }
}
