package io.inmesh.okhttp;

import io.inmesh.call.CallContext;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last application interceptor of a wrapped client: where the mesh begins. It does not proceed
 * with calls that are the mesh's, so that what OkHttp has below it (cookies, authenticator,
 * redirects) is done here, above each logical call.
 */
final class MeshInterceptor implements Interceptor {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.okhttp");

  private final MeshServices services;
  private final Upstreams upstreams;
  private final CachedCalls cached;
  private final AtomicBoolean saidNotCached = new AtomicBoolean();

  private MeshInterceptor(MeshServices services, Upstreams upstreams, CachedCalls cached) {
    this.services = services;
    this.upstreams = upstreams;
    this.cached = cached;
  }

  static OkHttpClient under(OkHttpClient application, MeshServices services) {
    if (!application.networkInterceptors().isEmpty()) {
      log.atWarn()
          .addKeyValue("interceptors", application.networkInterceptors().size())
          .log(
              "network interceptors of this OkHttpClient are not called for calls through the mesh,"
                  + " which has connections of its own: make them application interceptors");
    }
    Upstreams upstreams = Housekeeping.start(application, services);
    return application
        .newBuilder()
        .addInterceptor(new MeshInterceptor(services, upstreams, new CachedCalls(application)))
        .eventListenerFactory(Contexts.capture(application.eventListenerFactory()))
        .build();
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    CallContext context = Contexts.of(chain.call());
    long startNanos = System.nanoTime();
    Cancellation cancellation = null;
    Response prior = null;
    for (int hops = 0; ; hops++) {
      Hop hop = Hop.of(services, upstreams, chain, request, chain.getCookieJar(), context);
      if (hop == null) {
        return outside(chain, request, prior);
      }
      if (cancellation == null) {
        cancellation = Cancellation.of(chain.call());
      }
      Response answer =
          caches(chain, request)
              ? cached(chain, request, context, cancellation)
              : direct(chain, hop, cancellation);
      if (prior != null) {
        answer = answer.newBuilder().priorResponse(prior).build();
      }
      boolean given = false;
      try {
        Request next = FollowUps.next(answer, chain);
        if (next == null) {
          given = true;
          return CallTimeout.bounded(
              chain.call(), startNanos, cancellation.hop(), answer, services.drivers());
        }
        if (hops == FollowUps.LIMIT) {
          throw new ProtocolException("Too many follow-up requests: " + (hops + 1));
        }
        request = next;
      } finally {
        if (!given) {
          answer.close();
        }
      }
      prior = withoutBody(answer);
    }
  }

  private Response direct(Chain chain, Hop hop, Cancellation cancellation) throws IOException {
    cancellation.now(hop);
    Response answer = hop.run();
    cookies(chain, answer);
    return answer;
  }

  /** Of the hop that was asked for nothing came but that it is the mesh's. */
  private Response cached(
      Chain chain, Request request, CallContext context, Cancellation cancellation)
      throws IOException {
    return cached.call(
        request,
        chain,
        miss -> {
          Hop hop = Hop.of(services, upstreams, chain, miss, CookieJar.NO_COOKIES, context);
          if (hop == null) {
            throw new IOException(
                "the mesh was switched off for " + miss.url().redact() + " during the call");
          }
          cancellation.now(hop);
          return hop.run();
        });
  }

  private boolean caches(Chain chain, Request request) {
    if (!CachedCalls.concerns(chain, request)) {
      return false;
    }
    if (request.isHttps()) {
      if (saidNotCached.compareAndSet(false, true)) {
        log.atWarn()
            .addKeyValue("host", request.url().host())
            .log(
                "the cache of this OkHttpClient does not hold answers of https calls through the"
                    + " mesh; call with http, which the mesh encrypts");
      }
      return false;
    }
    return true;
  }

  /** To where the mesh has no part; a redirect there goes on by OkHttp alone. */
  private static Response outside(Chain chain, Request request, @Nullable Response prior)
      throws IOException {
    Response answer = chain.proceed(request);
    return prior == null || answer.priorResponse() != null
        ? answer
        : answer.newBuilder().priorResponse(prior).build();
  }

  private static void cookies(Chain chain, Response answer) {
    if (chain.getCookieJar() != CookieJar.NO_COOKIES) {
      var cookies = Cookie.parseAll(answer.request().url(), answer.headers());
      if (!cookies.isEmpty()) {
        chain.getCookieJar().saveFromResponse(answer.request().url(), cookies);
      }
    }
  }

  private static Response withoutBody(Response answer) {
    return answer.newBuilder().body(NoBody.of(answer)).build();
  }
}
