package io.inmesh.okhttp;

import io.inmesh.call.Wire;
import io.inmesh.http.Protocol;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.upstream.Host;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The way to one host under one wire and one TLS context: an OkHttpClient with a connection pool of
 * its own, made once. The pool is the host's alone since OkHttp scans a pool for each call.
 */
final class Line {
  private static final int PLENTY = 1 << 20;
  private static final EventListener.Factory TOLD =
      call -> {
        OkHttpExchange exchange = call.request().tag(OkHttpExchange.class);
        return exchange == null ? EventListener.NONE : exchange;
      };

  /** The versions and suites are the configuration's affair, set by the socket factory. */
  private static final List<ConnectionSpec> ANY_TLS =
      List.of(
          new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
              .allEnabledTlsVersions()
              .allEnabledCipherSuites()
              .build());

  private static final List<ConnectionSpec> CLEAR = List.of(ConnectionSpec.CLEARTEXT);

  final Wire wire;
  final @Nullable OutboundTlsContext tls;
  final HttpUrl origin;
  final OkHttpClient client;

  private Line(Wire wire, @Nullable OutboundTlsContext tls, HttpUrl origin, OkHttpClient client) {
    this.wire = wire;
    this.tls = tls;
    this.origin = origin;
    this.client = client;
  }

  static Line to(Host host, Wire wire, @Nullable OutboundTlsContext tls, OkHttpClient application) {
    String ip = host.endpoint().host();
    int port = host.endpoint().port();
    HttpUrl origin =
        new HttpUrl.Builder().scheme(tls == null ? "http" : "https").host(ip).port(port).build();
    OkHttpClient.Builder client = application.newBuilder();
    client.interceptors().clear();
    client.networkInterceptors().clear();
    client
        .addNetworkInterceptor(AnswersOnce.INSTANCE)
        .dispatcher(new Dispatcher())
        .connectionPool(pool(wire))
        .eventListenerFactory(TOLD)
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        .fastFallback(false)
        .cache(null)
        .cookieJar(CookieJar.NO_COOKIES)
        .authenticator(Authenticator.NONE)
        .proxyAuthenticator(Authenticator.NONE)
        .proxy(Proxy.NO_PROXY)
        .dns(new EndpointDns(ip))
        .callTimeout(0, TimeUnit.MILLISECONDS)
        .connectTimeout(millis(wire.connectTimeoutNanos()), TimeUnit.MILLISECONDS);
    if (wire.applicationTls()) {
      client.socketFactory(
          tls == null
              ? EndpointSockets.plain(ip, port)
              : EndpointSockets.under(tls.socketFactory(), ip, port));
    } else {
      client.socketFactory(MeshSocketFactory.INSTANCE).protocols(protocols(wire, tls != null));
      if (tls == null) {
        client.connectionSpecs(CLEAR);
      } else {
        client
            .connectionSpecs(ANY_TLS)
            .sslSocketFactory(tls.socketFactory(), tls.trustManager())
            .hostnameVerifier(tls.hostnameVerifier())
            .certificatePinner(okhttp3.CertificatePinner.DEFAULT);
        if (wire.protocol() == Protocol.HTTP2) {
          client.addNetworkInterceptor(PlainScheme.INSTANCE);
        }
      }
    }
    return new Line(wire, tls, origin, client.build());
  }

  private static ConnectionPool pool(Wire wire) {
    long idle = wire.idleNanos() == 0 ? Long.MAX_VALUE / 4 : wire.idleNanos();
    return new ConnectionPool(PLENTY, idle, TimeUnit.NANOSECONDS);
  }

  private static List<okhttp3.Protocol> protocols(Wire wire, boolean tls) {
    if (wire.protocol() != Protocol.HTTP2) {
      return List.of(okhttp3.Protocol.HTTP_1_1);
    }
    // OkHttp wants HTTP/1.1 in every list; what is offered is said by the TLS context
    return tls
        ? List.of(okhttp3.Protocol.HTTP_2, okhttp3.Protocol.HTTP_1_1)
        : List.of(okhttp3.Protocol.H2_PRIOR_KNOWLEDGE);
  }

  /** OkHttp counts in milliseconds and takes 0 for never. */
  private static long millis(long nanos) {
    return nanos == 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** The idle connections; those in use go when they become idle. */
  boolean drained() {
    client.connectionPool().evictAll();
    return client.connectionPool().connectionCount() == 0;
  }

  void abort() {
    client.dispatcher().cancelAll();
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
  }
}
