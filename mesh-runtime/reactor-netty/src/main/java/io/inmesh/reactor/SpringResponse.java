package io.inmesh.reactor;

import io.netty.handler.codec.http.cookie.ClientCookieDecoder;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.CookieHeaderNames.SameSite;
import io.netty.handler.codec.http.cookie.DefaultCookie;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseCookie;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/** An answer as WebClient reads it. */
final class SpringResponse implements ClientHttpResponse {
  private final Answer answer;
  private final NettyDataBufferFactory buffers;
  private final HttpHeaders headers;

  SpringResponse(Answer answer, NettyDataBufferFactory buffers) {
    this.answer = answer;
    this.buffers = buffers;
    HttpHeaders read = new HttpHeaders();
    io.inmesh.http.Headers from = answer.head().headers();
    for (int i = 0; i < from.size(); i++) {
      read.add(from.name(i), from.value(i));
    }
    this.headers = HttpHeaders.readOnlyHttpHeaders(read);
  }

  @Override
  public HttpStatusCode getStatusCode() {
    return HttpStatusCode.valueOf(answer.head().status());
  }

  @Override
  public HttpHeaders getHeaders() {
    return headers;
  }

  @Override
  public Flux<DataBuffer> getBody() {
    return answer.body().map(buffers::wrap);
  }

  @Override
  public MultiValueMap<String, ResponseCookie> getCookies() {
    MultiValueMap<String, ResponseCookie> cookies = new LinkedMultiValueMap<>();
    for (String text : answer.head().headers().all("set-cookie")) {
      Cookie cookie = ClientCookieDecoder.LAX.decode(text);
      if (cookie != null) {
        cookies.add(cookie.name(), cookie(cookie));
      }
    }
    return CollectionUtils.unmodifiableMultiValueMap(cookies);
  }

  private static ResponseCookie cookie(Cookie from) {
    return ResponseCookie.fromClientResponse(from.name(), from.value())
        .domain(from.domain())
        .path(from.path())
        .maxAge(from.maxAge())
        .secure(from.isSecure())
        .httpOnly(from.isHttpOnly())
        .sameSite(sameSite(from))
        .build();
  }

  private static @Nullable String sameSite(Cookie from) {
    SameSite site = from instanceof DefaultCookie known ? known.sameSite() : null;
    return site == null ? null : site.name();
  }
}
