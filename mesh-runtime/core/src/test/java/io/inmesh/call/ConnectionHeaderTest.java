package io.inmesh.call;

import static io.inmesh.call.CallHarness.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.MeshTables;
import io.inmesh.config.TestTables;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request may have taken away by naming it in its {@code connection} header. */
class ConnectionHeaderTest {
  private final CallHarness mesh = new CallHarness();
  private final MeshTables tables =
      new TestTables().http("reviews.shop:8080", mesh.manager(false)).build(1);
  private final CallEngine engine =
      new CallEngine(mesh.environment(), () -> tables, (host, port) -> false);

  private Driven call(String... headers) {
    return new Driven(
        mesh,
        Objects.requireNonNull(
            engine.outbound(
                get(headers),
                BodyTraits.NONE,
                CallContext.NONE,
                Capabilities.ALL,
                () -> {},
                mesh.now)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-forwarded-for",
        "close, X-Forwarded-Proto",
        "x-forwarded-host",
        ":authority",
        "a,b,c,d,e,f,g,h,i,j"
      })
  void whatHidesTheOriginIsRefused(String connection) {
    Driven call = call("connection", connection, "x-forwarded-for", "203.0.113.9");
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(400);
    call.finished();
    assertThat(call.call.outcome().details()).isEqualTo("http1.connection_header_rejected");
  }

  @Test
  void anythingElseStaysOnItsHop() {
    Driven call = call("connection", "keep-alive, x-hop", "x-hop", "1");
    assertThat(call.next(Command.Start.class).head().headers().contains("x-hop")).isFalse();
  }

  @Test
  void anUpgradeKeepsItsConnectionHeader() {
    Driven call = call("connection", "Upgrade", "upgrade", "websocket");
    assertThat(call.next(Command.Start.class).head().headers().first("connection"))
        .isEqualTo("Upgrade");
  }
}
