package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.inmesh.proto.envoy.config.core.v3.HealthCheck;
import io.inmesh.proto.envoy.config.core.v3.TransportSocket;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.proto.udpa.type.v1.TypedStruct;
import io.inmesh.recordings.Recordings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a person learns about a resource that came from a control plane. */
class LedgerWalkTest {
  private static final String TYPE = "type.googleapis.com/";
  private static final String CLUSTER = TYPE + "envoy.config.cluster.v3.Cluster";
  private static final String LISTENER = TYPE + "envoy.config.listener.v3.Listener";

  private final Ledger ledger =
      Ledger.of(
          List.of(
              "envoy.*\tenforced\tx.Y#z",
              "udpa.*\tenforced\tx.Y#z",
              "envoy.config.cluster.v3.Cluster.health_checks\tnot yet\thealth checks",
              "envoy.config.core.v3.HealthCheck.*\tnot yet\thealth checks",
              "envoy.config.cluster.v3.Cluster.alt_stat_name\tharmless\tnobody can tell",
              "envoy.config.cluster.v3.Cluster.lb_policy=MAGLEV\tnot yet\tMaglev",
              "envoy.extensions.filters.http.lua.v3.*\trefused\tno Lua"));

  @Test
  void aFieldThatIsNotEnforcedIsNamedOnceWithItsResource() {
    Cluster cluster =
        Cluster.newBuilder()
            .setName("reviews")
            .setAltStatName("r")
            .addHealthChecks(HealthCheck.newBuilder().setTimeout(duration()))
            .addHealthChecks(HealthCheck.newBuilder().setTimeout(duration()))
            .build();

    LedgerReport report = ledger.walk(CLUSTER, cluster.toByteString());

    assertThat(report.resource()).isEqualTo("reviews");
    assertThat(report.notYet())
        .containsExactly(
            new LedgerFinding(
                "envoy.config.cluster.v3.Cluster.health_checks", "", 2, "health checks"));
    assertThat(report.refused()).isEmpty();
    assertThat(report.unknown()).isEmpty();
    assertThat(report.counts())
        .containsEntry(SupportState.ENFORCED, 1) // name
        .containsEntry(SupportState.HARMLESS, 1) // alt_stat_name
        .containsEntry(SupportState.NOT_YET, 2); // health_checks and the timeout inside
    assertThat(report.isFullySupported()).isFalse();
  }

  @Test
  void anEnumValueMayHaveAStateOfItsOwn() {
    Cluster maglev = Cluster.newBuilder().setLbPolicy(LbPolicy.MAGLEV).build();
    Cluster random = Cluster.newBuilder().setLbPolicy(LbPolicy.RANDOM).build();
    assertThat(ledger.walk(CLUSTER, maglev.toByteString()).notYet())
        .extracting(LedgerFinding::field)
        .containsExactly("envoy.config.cluster.v3.Cluster.lb_policy=MAGLEV");
    assertThat(ledger.walk(CLUSTER, random.toByteString()).isFullySupported()).isTrue();
    Cluster newer = Cluster.newBuilder().setLbPolicyValue(99).build();
    assertThat(ledger.walk(CLUSTER, newer.toByteString()).unknown())
        .extracting(LedgerFinding::field)
        .containsExactly("envoy.config.cluster.v3.Cluster.lb_policy=99");
  }

  @Test
  void aRefusedFilterIsFoundInsideAnAnyEvenWithoutFields() {
    Any lua =
        Any.newBuilder().setTypeUrl(TYPE + "envoy.extensions.filters.http.lua.v3.Lua").build();
    LedgerReport report = ledger.walk(LISTENER, listenerWith(lua));
    assertThat(report.resource()).isEqualTo("inbound");
    assertThat(report.refused())
        .containsExactly(
            new LedgerFinding(
                "envoy.extensions.filters.http.lua.v3.Lua",
                "filter_chains.filters.typed_config",
                1,
                "no Lua"));
  }

  @Test
  void anUnknownTypeAndAnUnknownFieldAreNeverPassedOver() {
    Any foreign = Any.newBuilder().setTypeUrl(TYPE + "shop.filters.v1.Unknown").build();
    assertThat(ledger.walk(LISTENER, listenerWith(foreign)).unknown())
        .containsExactly(
            new LedgerFinding(
                TYPE + "shop.filters.v1.Unknown",
                "filter_chains.filters.typed_config",
                1,
                "no such message is known here"));

    UnknownFieldSet newer =
        UnknownFieldSet.newBuilder()
            .addField(9_999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    Cluster cluster =
        Cluster.newBuilder()
            .setTransportSocket(TransportSocket.newBuilder().setUnknownFields(newer))
            .build();
    assertThat(ledger.walk(CLUSTER, cluster.toByteString()).unknown())
        .extracting(LedgerFinding::field, LedgerFinding::where)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "envoy.config.core.v3.TransportSocket.(9999)", "transport_socket"));
    assertThat(ledger.walk("nonsense", ByteString.EMPTY).unknown()).hasSize(1);
  }

  @Test
  void aTypedStructIsReadByJsonName() {
    Struct json =
        Struct.newBuilder()
            .putFields("altStatName", text("r"))
            .putFields("lb_policy", text("MAGLEV"))
            .putFields(
                "healthChecks",
                Value.newBuilder()
                    .setListValue(
                        com.google.protobuf.ListValue.newBuilder()
                            .addValues(Value.newBuilder().setStructValue(Struct.newBuilder())))
                    .build())
            .putFields("fromTheFuture", text("x"))
            .build();
    TypedStruct struct = TypedStruct.newBuilder().setTypeUrl(CLUSTER).setValue(json).build();
    Any any =
        Any.newBuilder()
            .setTypeUrl(TYPE + "udpa.type.v1.TypedStruct")
            .setValue(struct.toByteString())
            .build();

    LedgerReport report = ledger.walk(LISTENER, listenerWith(any));

    assertThat(report.notYet())
        .extracting(LedgerFinding::field)
        .containsExactlyInAnyOrder(
            "envoy.config.cluster.v3.Cluster.lb_policy=MAGLEV",
            "envoy.config.cluster.v3.Cluster.health_checks");
    assertThat(report.unknown())
        .extracting(LedgerFinding::field)
        .containsExactly("envoy.config.cluster.v3.Cluster.fromTheFuture");
  }

  @Test
  void aBufferIsReadWithoutMovingIt() {
    ByteBuffer buffer =
        Cluster.newBuilder().setName("c").build().toByteString().asReadOnlyByteBuffer();
    int position = buffer.position();
    assertThat(ledger.walk(CLUSTER, buffer).resource()).isEqualTo("c");
    assertThat(buffer.position()).isEqualTo(position);
  }

  /** With the real ledger: what the recordings hold is known, or named as foreign. */
  @Test
  void everyRecordedResourceIsKnownExceptWhatItsAuthorsInvented() {
    Set<String> unknown = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    List<String> incomplete = new ArrayList<>();
    int walked = 0;
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        for (var response : Recordings.responses(scenario, node)) {
          for (Resource r : response.getResourcesList()) {
            Any any = r.getResource();
            LedgerReport report = Ledger.get().walk(any.getTypeUrl(), any.getValue());
            report.unknown().forEach(f -> unknown.add(f.field()));
            report.refused().forEach(f -> refused.add(scenario + " " + f.field()));
            if (!report.complete()) {
              incomplete.add(scenario + " " + r.getName());
            }
            walked++;
          }
        }
      }
    }
    assertThat(walked).isGreaterThan(3_000);
    assertThat(incomplete).isEmpty();
    assertThat(unknown).containsExactly(TYPE + "shop.filters.v1.Unknown");
    assertThat(refused)
        .containsExactly(
            "istio/11-envoyfilter envoy.extensions.filters.http.lua.v3.Lua",
            "istio/11-envoyfilter envoy.extensions.filters.http.wasm.v3.Wasm",
            "kuma/04b-permissions-rules envoy.extensions.filters.http.rbac.v3.RBAC.matcher",
            "kuma/09b-identity-rotation envoy.extensions.filters.http.rbac.v3.RBAC.matcher",
            "kuma/09c-identity-expiry envoy.extensions.filters.http.rbac.v3.RBAC.matcher");
  }

  private static ByteString listenerWith(Any filter) {
    return Listener.newBuilder()
        .setName("inbound")
        .addFilterChains(
            FilterChain.newBuilder().addFilters(Filter.newBuilder().setTypedConfig(filter)))
        .build()
        .toByteString();
  }

  private static com.google.protobuf.Duration duration() {
    return com.google.protobuf.Duration.newBuilder().setSeconds(1).build();
  }

  private static Value text(String s) {
    return Value.newBuilder().setStringValue(s).build();
  }
}
