package io.inmesh.call;

import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.http.Connection;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.util.List;

/** A request's connection in the words of filter chain matching. */
final class InboundFacts {
  private static final List<String> HTTP1 = List.of("http/1.1");
  private static final List<String> H2C = List.of("h2c");

  private InboundFacts() {}

  static ConnectionFacts of(Connection from, RequestHead head) {
    List<String> alpn = from.alpn();
    if (!from.tls()) {
      alpn = head.protocol() == Protocol.HTTP2 ? H2C : HTTP1;
    }
    return new ConnectionFacts(
        from.localIp(), from.localPort(), from.remoteIp(), from.tls(), from.sni(), alpn);
  }
}
