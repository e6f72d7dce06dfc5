package io.inmesh.reactor;

import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.netty.buffer.ByteBuf;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.AbstractClientHttpRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What WebClient writes its request to: kept until it is sent. */
final class SpringRequest extends AbstractClientHttpRequest {
  private static final String USER_AGENT = "ReactorNetty";

  private final HttpMethod method;
  private final URI uri;
  private final DataBufferFactory buffers;
  private @Nullable Publisher<? extends ByteBuf> body;

  SpringRequest(HttpMethod method, URI uri, DataBufferFactory buffers) {
    this.method = method;
    this.uri = uri;
    this.buffers = buffers;
  }

  /** Null: none. */
  @Nullable Publisher<? extends ByteBuf> body() {
    return body;
  }

  /**
   * @param gzip whether answers are decoded, and so may be asked for
   */
  RequestHead head(boolean gzip) {
    HttpHeaders from = getHeaders();
    Headers to = new Headers(from.size() + 10);
    String host = null;
    for (Map.Entry<String, List<String>> field : from.headerSet()) {
      for (String value : field.getValue()) {
        if (field.getKey().equalsIgnoreCase("host")) {
          host = value;
        } else {
          to.add(field.getKey(), value);
        }
      }
    }
    if (!getCookies().isEmpty()) {
      to.add(
          "cookie",
          getCookies().values().stream()
              .flatMap(List::stream)
              .map(Object::toString)
              .collect(Collectors.joining("; ")));
    }
    if (gzip && !to.contains("accept-encoding")) {
      to.add("accept-encoding", "gzip");
    }
    if (!to.contains("accept")) {
      to.add("accept", "*/*");
    }
    if (!to.contains("user-agent")) {
      to.add("user-agent", USER_AGENT);
    }
    return new RequestHead(
        method.name(),
        uri.getScheme(),
        host == null ? authority() : host,
        path(),
        to,
        Protocol.HTTP11);
  }

  /** Without user information, and without a port that goes without saying. */
  private String authority() {
    String authority = uri.getRawAuthority();
    authority = authority.substring(authority.lastIndexOf('@') + 1);
    String usual = uri.getScheme().equalsIgnoreCase("https") ? ":443" : ":80";
    return authority.endsWith(usual)
        ? authority.substring(0, authority.length() - usual.length())
        : authority;
  }

  private String path() {
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    String from = path == null || path.isEmpty() ? "/" : path;
    return query == null ? from : from + "?" + query;
  }

  // ---- ClientHttpRequest

  @Override
  public HttpMethod getMethod() {
    return method;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  public DataBufferFactory bufferFactory() {
    return buffers;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T getNativeRequest() {
    return (T) this;
  }

  @Override
  public Mono<Void> writeWith(Publisher<? extends DataBuffer> written) {
    return doCommit(
        () -> {
          body =
              written instanceof Mono<? extends DataBuffer> value
                  ? value.map(NettyDataBufferFactory::toByteBuf)
                  : Flux.from(written).map(NettyDataBufferFactory::toByteBuf);
          return Mono.empty();
        });
  }

  @Override
  public Mono<Void> writeAndFlushWith(
      Publisher<? extends Publisher<? extends DataBuffer>> written) {
    return writeWith(Flux.from(written).concatMap(part -> part));
  }

  @Override
  public Mono<Void> setComplete() {
    return doCommit();
  }

  @Override
  protected void applyHeaders() {
    // read when the request is sent
  }

  @Override
  protected void applyCookies() {
    // as headers
  }
}
