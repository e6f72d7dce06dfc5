package io.inmesh.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Authenticator;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The application's cache with the mesh below it; see docs/adr/0005-the-okhttp-cache.md. OkHttp's
 * own code reads, revalidates and fills the cache; only a miss runs a logical call.
 */
final class CachedCalls {
  /** Runs the logical call for the request as the cache wants it sent. */
  @FunctionalInterface
  interface Network {
    /** The answer's request is the one given; it has no network response yet. */
    Response call(Request request) throws IOException;
  }

  private final OkHttpClient client;

  CachedCalls(OkHttpClient application) {
    OkHttpClient.Builder stub = application.newBuilder();
    stub.interceptors().clear();
    stub.networkInterceptors().clear();
    client =
        stub.addNetworkInterceptor(CachedCalls::network)
            .dispatcher(new Dispatcher())
            .connectionPool(new ConnectionPool(64, 1, TimeUnit.MINUTES))
            .eventListener(EventListener.NONE)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .fastFallback(false)
            .authenticator(Authenticator.NONE)
            .proxyAuthenticator(Authenticator.NONE)
            .proxy(Proxy.NO_PROXY)
            .dns(host -> List.of(InetAddress.getLoopbackAddress()))
            .socketFactory(new StubSockets())
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
            .callTimeout(0, TimeUnit.MILLISECONDS)
            .build();
  }

  /** Whether the application's cache has a say in this request. */
  static boolean concerns(Interceptor.Chain chain, Request request) {
    return chain.getCache() != null
        && !"upgrade".equalsIgnoreCase(request.header("Connection"))
        && !(request.body() != null && request.body().isDuplex());
  }

  /** From the cache, or from the mesh and into the cache; cookies are seen to. */
  Response call(Request request, Interceptor.Chain chain, Network network) throws IOException {
    Pass pass = new Pass(network);
    Call call = client(chain).newCall(request.newBuilder().tag(Pass.class, pass).build());
    Response answer = call.execute();
    Response.Builder own = answer.newBuilder().request(request);
    if (pass.hidden != 0 && answer.cacheResponse() == null) {
      own.code(pass.hidden);
    }
    return own.build();
  }

  /** An interceptor, or a client derived from the wrapped one, may have other ones. */
  private OkHttpClient client(Interceptor.Chain chain) {
    CookieJar cookies = chain.getCookieJar();
    Cache cache = chain.getCache();
    return cookies == client.cookieJar() && cache == client.cache()
        ? client
        : client.newBuilder().cookieJar(cookies).cache(cache).build();
  }

  private static Response network(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    Pass pass = chain.call().request().tag(Pass.class);
    if (pass == null) {
      throw new IllegalStateException("not a call of CachedCalls");
    }
    Response answer = pass.network.call(request);
    // OkHttp wants every network interceptor to proceed; nothing goes anywhere by this
    chain.proceed(request.newBuilder().method("GET", null).build()).close();
    Response.Builder given = answer.newBuilder().networkResponse(null).priorResponse(null);
    if (AnswersOnce.followedUp(answer)) {
      pass.hidden = answer.code();
      given.code(AnswersOnce.HARMLESS);
    }
    return given.request(request).build();
  }

  /** What goes with one call through OkHttp's chain. */
  private static final class Pass {
    private final Network network;
    private int hidden;

    Pass(Network network) {
      this.network = network;
    }
  }
}
