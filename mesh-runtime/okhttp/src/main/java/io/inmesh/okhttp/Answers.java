package io.inmesh.okhttp;

import io.inmesh.driver.BlockingResult;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.GzipSource;
import okio.Okio;
import okio.Source;

/** Builds what the caller gets: its own request, the head as the engine edited it. */
final class Answers {
  private Answers() {}

  static Response relayed(Hop hop, BlockingResult.Relayed result) {
    OkHttpExchange exchange = (OkHttpExchange) result.exchange();
    Response inner = exchange.response();
    ResponseHead head = result.head();
    Response.Builder answer =
        new Response.Builder()
            .request(hop.request())
            .protocol(inner.protocol())
            .code(head.status())
            .message(head.status() == inner.code() ? inner.message() : StatusText.of(head.status()))
            .networkResponse(inner.networkResponse())
            .sentRequestAtMillis(inner.sentRequestAtMillis())
            .receivedResponseAtMillis(inner.receivedResponseAtMillis());
    if (exchange.wire().applicationTls()) {
      answer.handshake(inner.handshake());
    }
    okio.Socket socket = inner.socket();
    if (socket != null) {
      Heads.headers(head.headers(), answer);
      return answer
          .socket(new RelayedSocket(socket, new RelayedSource(socket.getSource(), hop, result)))
          .build();
    }
    Headers headers = head.headers();
    if (exchange.complete()) {
      long length = inner.body().contentLength();
      Heads.headers(headers, answer);
      return answer
          .body(new RelayedBody(headers.first("content-type"), length, new okio.Buffer()))
          .build();
    }
    RelayedSource source = new RelayedSource(inner.body().source(), hop, result);
    Source bytes = source;
    long length = inner.body().contentLength();
    if (hop.gzip() && "gzip".equalsIgnoreCase(headers.first("content-encoding"))) {
      headers.remove("content-encoding");
      headers.remove("content-length");
      length = -1;
      bytes = new GzipSource(source);
    }
    ResponseBody body = new RelayedBody(headers.first("content-type"), length, Okio.buffer(bytes));
    source.readThrough(body);
    Heads.headers(headers, answer);
    return answer.body(body).trailers(source).build();
  }

  static Response replied(Hop hop, BlockingResult.Replied result) {
    ResponseHead head = result.head();
    long now = System.currentTimeMillis();
    String type = head.headers().first("content-type");
    Headers trailers = result.trailers();
    Response.Builder answer =
        new Response.Builder()
            .request(hop.request())
            .protocol(Protocol.HTTP_1_1)
            .code(head.status())
            .message(StatusText.of(head.status()))
            .sentRequestAtMillis(now)
            .receivedResponseAtMillis(now)
            .body(ResponseBody.create(result.body(), type == null ? null : MediaType.parse(type)));
    Heads.headers(head.headers(), answer);
    if (trailers != null) {
      okhttp3.Headers given = Heads.headers(trailers);
      answer.trailers(() -> given);
    }
    return answer.build();
  }
}
