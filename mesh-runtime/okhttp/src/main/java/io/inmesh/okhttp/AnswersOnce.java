package io.inmesh.okhttp;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Keeps OkHttp from answering an answer: it would send a request again on 503 with {@code
 * Retry-After: 0}, and throw on 407, whatever the client's settings, and the engine would never
 * learn of the first answer. Stands where OkHttp's own follow-ups have not looked yet; what it
 * hides, the exchange shows again.
 */
final class AnswersOnce implements Interceptor {
  static final AnswersOnce INSTANCE = new AnswersOnce();
  static final int HARMLESS = 500;

  private AnswersOnce() {}

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(Verbatim.bare(chain.request()));
    OkHttpExchange exchange = chain.call().request().tag(OkHttpExchange.class);
    if (exchange != null && followedUp(response)) {
      exchange.hidden(response.code());
      return response.newBuilder().code(HARMLESS).build();
    }
    return response;
  }

  /** Whether OkHttp would do something about that answer though nobody wants it. */
  static boolean followedUp(Response response) {
    int code = response.code();
    return code == 407 || (code == 503 && response.header("Retry-After") != null);
  }
}
