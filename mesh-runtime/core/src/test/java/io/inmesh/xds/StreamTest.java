package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The stream itself: sizes, flow, farewell. */
class StreamTest extends AdsTestBase {
  @Test
  void aMessageFarAboveGrpcsDefaultLimitArrives() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "large", "x".repeat(9 << 20))));
    assertThat(stream.request().getResponseNonce()).isEqualTo("1");
    assertThat(handler.inUse(CDS).get("large").body().size()).isEqualTo(9 << 20);
  }

  @Test
  void nothingMoreIsTakenWhileTheLastResponseIsBeingApplied() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    handler.before =
        update -> {
          busy.countDown();
          try {
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "0", resource(CDS, "reviews", "0")));
    assertThat(busy.await(30, TimeUnit.SECONDS)).isTrue();
    String large = "x".repeat(1 << 20);
    int sent = 0;
    while (stream.flows() && sent < 64) {
      stream.send(response(CDS, "" + ++sent, resource(CDS, "reviews", sent + large)));
    }
    // it piles up at the control plane, not here
    assertThat(sent).isLessThan(64);
    assertThat(stream.flows()).isFalse();
    done.countDown();
    for (int i = 0; i <= sent; i++) {
      assertThat(stream.request().getResponseNonce()).isEqualTo("" + i);
    }
    assertThat(handler.updates).hasSize(sent + 1);
  }

  @Test
  void closingSaysGoodbyeAndIsFollowedBySilence() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    stream.answersGoodbyes = false;
    Thread closing = new Thread(client::close);
    closing.start();
    stream.expectGoodbye();
    stream.send(response(CDS, "2", resource(CDS, "reviews", "y")));
    stream.end(Status.OK);
    closing.join(TimeUnit.SECONDS.toMillis(30));
    assertThat(closing.isAlive()).isFalse();
    assertThat(handler.updates).hasSize(1);
    assertThat(handler.disconnections).isEmpty();
    assertThat(client.state().connected()).isFalse();
    // calls to a closed client do no harm
    client.subscribe(EDS, List.of("a"));
    client.close();
  }

  @Test
  void aControlPlaneThatDoesNotAnswerAGoodbyeIsLeftAfterASecond() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.answersGoodbyes = false;
    Thread closing = new Thread(client::close);
    closing.start();
    stream.expectGoodbye();
    eventually().until(() -> time.waiting().equals(List.of(Duration.ofSeconds(1))));
    time.advance(Duration.ofSeconds(1));
    closing.join(TimeUnit.SECONDS.toMillis(30));
    stream.expectCancellation();
  }

  @Test
  void closingBeforeStartingAndWithoutAControlPlaneReturns() throws Exception {
    client.close();
    server.close();
    AdsClient lonely = clientOf(ControlPlaneConnection.plaintext("127.0.0.1", 1).build());
    lonely.watchAll(CDS);
    lonely.start();
    disconnection(1);
    lonely.close();
    assertThat(time.waiting()).isEmpty();
  }
}
