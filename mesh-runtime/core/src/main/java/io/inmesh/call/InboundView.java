package io.inmesh.call;

import io.inmesh.config.HttpManager;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable;
import io.inmesh.http.Connection;
import io.inmesh.http.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * What one connection meets under one table: made for its first request, kept at the connection,
 * made anew when the table is another. So a changed policy holds from the next request on.
 *
 * @param chain null: no filter chain takes the connection
 * @param clientCertificate its element of {@code x-forwarded-client-cert}; null: there is none
 */
record InboundView(
    InboundTable table,
    boolean http2,
    @Nullable InboundChain chain,
    @Nullable String clientCertificate) {

  static InboundView of(InboundTable table, Connection from, Protocol protocol) {
    boolean http2 = protocol == Protocol.HTTP2;
    if (from.derived().get() instanceof InboundView known
        && known.table == table
        && known.http2 == http2) {
      return known;
    }
    InboundChain chain = table.find(InboundFacts.of(from, http2));
    HttpManager manager = chain == null ? null : chain.http();
    InboundView view =
        new InboundView(
            table,
            http2,
            chain,
            manager == null ? null : ClientCertHeader.element(manager.options(), from));
    from.derived().set(view);
    return view;
  }
}
