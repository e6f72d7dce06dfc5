package io.inmesh.call;

import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.http.Connection;
import java.util.List;

/** A connection in the words of filter chain matching. */
final class InboundFacts {
  private static final List<String> HTTP1 = List.of("http/1.1");
  private static final List<String> H2C = List.of("h2c");

  private InboundFacts() {}

  static ConnectionFacts of(Connection from, boolean http2) {
    List<String> alpn = from.alpn();
    if (!from.tls()) {
      alpn = http2 ? H2C : HTTP1;
    }
    return new ConnectionFacts(
        from.localIp(), from.localPort(), from.remoteIp(), from.tls(), from.sni(), alpn);
  }
}
