package io.inmesh.okhttp;

import io.inmesh.call.CallContext;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.ProtocolException;
import okhttp3.Cookie;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The last application interceptor of a wrapped client: where the mesh begins. It does not proceed
 * with calls that are the mesh's, so that what OkHttp has below it (cookies, authenticator,
 * redirects) is done here, above each logical call.
 */
final class MeshInterceptor implements Interceptor {
  private final MeshServices services;
  private final Upstreams upstreams;

  private MeshInterceptor(MeshServices services, Upstreams upstreams) {
    this.services = services;
    this.upstreams = upstreams;
  }

  static OkHttpClient under(OkHttpClient application, MeshServices services) {
    Upstreams upstreams = Housekeeping.start(application, services);
    return application
        .newBuilder()
        .addInterceptor(new MeshInterceptor(services, upstreams))
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
      Hop hop = Hop.of(services, upstreams, chain, request, context);
      if (hop == null) {
        return outside(chain, request, prior);
      }
      if (cancellation == null) {
        cancellation = Cancellation.of(chain.call());
      }
      cancellation.now(hop);
      Response answer = hop.run();
      if (prior != null) {
        answer = answer.newBuilder().priorResponse(prior).build();
      }
      boolean given = false;
      try {
        cookies(chain, answer);
        Request next = FollowUps.next(answer, chain);
        if (next == null) {
          given = true;
          return CallTimeout.bounded(chain.call(), startNanos, hop, answer, services.drivers());
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

  /** To where the mesh has no part; a redirect there goes on by OkHttp alone. */
  private static Response outside(Chain chain, Request request, @Nullable Response prior)
      throws IOException {
    Response answer = chain.proceed(request);
    return prior == null || answer.priorResponse() != null
        ? answer
        : answer.newBuilder().priorResponse(prior).build();
  }

  private static void cookies(Chain chain, Response answer) {
    if (chain.getCookieJar() != okhttp3.CookieJar.NO_COOKIES) {
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
