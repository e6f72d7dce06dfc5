package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.proto.envoy.service.discovery.v3.ResourceError;
import io.inmesh.proto.envoy.service.discovery.v3.ResourceName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the control plane hears about each response, and what is in use afterwards. */
class AnswersTest extends AdsTestBase {
  @Test
  void typesInAnyOrderAreAcknowledgedByTheirOwnNonces() throws Exception {
    client.watchAll(CDS);
    client.watchAll(LDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    assertThat(List.of(stream.request().getTypeUrl(), stream.request().getTypeUrl()))
        .containsExactly(CDS.url(), LDS.url());
    stream.send(response(LDS, "l1", resource(LDS, "0.0.0.0_80", "a")));
    stream.send(response(CDS, "c1", resource(CDS, "reviews", "b")));
    stream.send(response(LDS, "l2", resource(LDS, "0.0.0.0_80", "c")));
    for (String nonce : List.of("l1", "c1", "l2")) {
      DeltaDiscoveryRequest answer = stream.request();
      assertThat(answer.getResponseNonce()).isEqualTo(nonce);
      assertThat(answer.getTypeUrl()).isEqualTo(nonce.startsWith("l") ? LDS.url() : CDS.url());
      assertThat(answer.hasErrorDetail()).isFalse();
    }
    assertThat(handler.inUse(LDS).get("0.0.0.0_80").body().toStringUtf8()).isEqualTo("c");
  }

  @Test
  void aRefusalNamesResourceAndReasonAndTheGoodResourcesAreUsed() throws Exception {
    handler.judge =
        update ->
            update.resources().stream().anyMatch(r -> r.body().toStringUtf8().equals("bad"))
                ? Map.of("ratings", "lb_policy: RING is no load balancer")
                : Map.of();
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "ratings", "good")));
    assertThat(stream.request().hasErrorDetail()).isFalse();

    stream.send(
        response(CDS, "2", resource(CDS, "ratings", "bad"), resource(CDS, "reviews", "good")));
    DeltaDiscoveryRequest nack = stream.request();
    assertThat(nack.getResponseNonce()).isEqualTo("2");
    assertThat(nack.getErrorDetail().getCode()).isEqualTo(3);
    assertThat(nack.getErrorDetail().getMessage())
        .isEqualTo(
            "1 of 2 resources refused, the others are in use;"
                + " 'ratings': lb_policy: RING is no load balancer");
    assertThat(handler.inUse(CDS).get("ratings").body().toStringUtf8()).isEqualTo("good");
    assertThat(handler.names(CDS)).contains("reviews");
    eventually()
        .untilAsserted(
            () ->
                assertThat(client.state().types().get(CDS).refused()).containsOnlyKeys("ratings"));

    // the old one again: nothing has changed and nothing is refused any more
    stream.send(response(CDS, "3", resource(CDS, "ratings", "good")));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    eventually().until(() -> client.state().types().get(CDS).refused().isEmpty());
    assertThat(handler.updates.get(2).unchanged()).containsExactly("ratings");
  }

  @Test
  void whatWasRefusedIsJudgedAgainWhenItComesAgain() throws Exception {
    handler.judge = update -> Map.of("reviews", "no");
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    assertThat(stream.request().hasErrorDetail()).isTrue();
    handler.judge = update -> Map.of();
    stream.send(response(CDS, "2", resource(CDS, "reviews", "x")));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    assertThat(handler.names(CDS)).containsExactly("reviews");
  }

  @Test
  void envelopesThatAreWrongAreRefusedByNameAndHurtNobodyElse() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "contradicted", "old")));
    stream.request();
    stream.send(
        response(
                CDS,
                "2",
                resource(CDS, "good", "a"),
                Resource.newBuilder().setName("empty").build(),
                resource(LDS, "listener in disguise", "b"),
                resource(CDS, "twice", "c"),
                resource(CDS, "twice", "d"),
                resource(CDS, "contradicted", "new"))
            .addRemovedResources("contradicted"));
    String message = stream.request().getErrorDetail().getMessage();
    assertThat(message)
        .startsWith("4 of 6 resources refused")
        .contains("'empty': resource: is missing")
        .contains("'listener in disguise': resource.type_url: is '" + LDS.url())
        .contains("'twice': the name stands twice")
        .contains("'contradicted': is sent and removed");
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("good", "contradicted");
    assertThat(handler.inUse(CDS).get("contradicted").body().toStringUtf8()).isEqualTo("old");
  }

  @Test
  void aFailureInsideTheHandlerRefusesTheResponseAndTheStreamLives() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    handler.before =
        update -> {
          throw new IllegalStateException("out of luck");
        };
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    assertThat(stream.request().getErrorDetail().getMessage())
        .contains("'reviews': internal error")
        .contains("out of luck");
    handler.before = update -> {};
    stream.send(response(CDS, "2", resource(CDS, "reviews", "x")));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    assertThat(handler.names(CDS)).containsExactly("reviews");
  }

  @Test
  void aTypeThatNobodyAskedForIsIgnoredAndHoldsNothingUp() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(LDS, "unwanted", resource(LDS, "x", "y")));
    stream.send(response(CDS, "untyped").setTypeUrl(""));
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    assertThat(stream.request().getResponseNonce()).isEqualTo("1");
    assertThat(handler.updates).hasSize(1);
  }

  @Test
  void aResponseWithoutNonceIsUsedAndNotAnswered() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "", resource(CDS, "reviews", "x")));
    stream.send(response(CDS, "2", resource(CDS, "ratings", "x")));
    assertThat(stream.request().getResponseNonce()).isEqualTo("2");
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("reviews", "ratings");
  }

  @Test
  void namesThatNobodyWantsAreAcknowledgedAndLeftOut() throws Exception {
    client.subscribe(EDS, List.of("reviews"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    assertThat(stream.request().getResourceNamesSubscribeList()).containsExactly("reviews");
    stream.send(
        response(EDS, "1", resource(EDS, "ratings", "x"), resource(EDS, "reviews", "y"))
            .addRemovedResources("details"));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    assertThat(handler.names(EDS)).containsExactly("reviews");
    assertThat(handler.updates.get(0).removed()).isEmpty();
  }

  @Test
  void aNamedResourceThatDoesNotExistIsToldAsRemovedAndMayComeLater() throws Exception {
    client.subscribe(EDS, List.of("reviews"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(EDS, "1").addRemovedResources("reviews"));
    stream.request();
    assertThat(handler.updates.get(0).removed()).containsExactly("reviews");
    stream.send(response(EDS, "2", resource(EDS, "reviews", "y")));
    stream.request();
    assertThat(handler.names(EDS)).containsExactly("reviews");
  }

  @Test
  void whatTheControlPlaneCannotServeIsToldWithItsReason() throws Exception {
    client.subscribe(EDS, List.of("reviews"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(
        response(EDS, "1")
            .addResourceErrors(
                ResourceError.newBuilder()
                    .setResourceName(ResourceName.newBuilder().setName("reviews"))
                    .setErrorDetail(
                        io.inmesh.proto.google.rpc.Status.newBuilder()
                            .setCode(7)
                            .setMessage("not yours"))));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    assertThat(handler.updates.get(0).errors()).containsExactly(Map.entry("reviews", "not yours"));
  }

  @Test
  void aThousandRefusalsFitIntoOneMessage() throws Exception {
    handler.judge =
        update -> {
          Map<String, String> all = new java.util.HashMap<>();
          update.resources().forEach(r -> all.put(r.name(), "reason ".repeat(20)));
          return all;
        };
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    Resource[] many = new Resource[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = resource(CDS, "cluster-" + i, "x");
    }
    stream.send(response(CDS, "1", many));
    String message = stream.request().getErrorDetail().getMessage();
    assertThat(message).startsWith("1000 of 1000 resources refused").endsWith(" more");
    assertThat(message.length()).isLessThan(17_000);
  }
}
