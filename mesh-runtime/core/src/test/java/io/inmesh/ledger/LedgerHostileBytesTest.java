package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.udpa.type.v1.TypedStruct;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes may come from anywhere: the walk ends, and its report says what was wrong. */
class LedgerHostileBytesTest {
  private static final String TYPE = "type.googleapis.com/";
  private final Ledger ledger = Ledger.get();

  @Test
  void damagedResourcesGiveAReport() {
    List<Any> resources = resources();
    Random random = new Random(20261122);
    int incomplete = 0;
    for (int i = 0; i < 20_000; i++) {
      Any any = resources.get(random.nextInt(resources.size()));
      byte[] bytes = any.getValue().toByteArray();
      int changes = 1 + random.nextInt(4);
      for (int c = 0; c < changes && bytes.length > 0; c++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      ByteString body = ByteString.copyFrom(bytes, 0, length);
      int round = i;
      assertThatCode(() -> ledger.walk(any.getTypeUrl(), body))
          .as("round %d, %s, %s", round, any.getTypeUrl(), body)
          .doesNotThrowAnyException();
      incomplete += ledger.walk(any.getTypeUrl(), body).complete() ? 0 : 1;
    }
    assertThat(incomplete).as("damage that was noticed").isGreaterThan(1_000);
  }

  @Test
  void noiseGivesAReport() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      ByteString body = ByteString.copyFrom(bytes);
      assertThatCode(() -> ledger.walk(TYPE + "envoy.config.listener.v3.Listener", body))
          .as("%s", body)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void depthIsLimited() {
    Any nested = Any.pack(Cluster.newBuilder().setName("inner").build());
    for (int i = 0; i < 5_000; i++) {
      nested =
          Any.newBuilder()
              .setTypeUrl(TYPE + "google.protobuf.Any")
              .setValue(nested.toByteString())
              .build();
    }
    LedgerReport anys = ledger.walk(nested.getTypeUrl(), nested.getValue());
    assertThat(anys.complete()).isFalse();
    assertThat(anys.unknown().get(0).reason()).contains("nested deeper than 100");

    // xds.type.matcher.v3.Matcher.on_no_match (3) .matcher (1), a thousand times
    ByteString matcher = ByteString.EMPTY;
    for (int i = 0; i < 1_000; i++) {
      matcher = field(i % 2 == 0 ? 1 : 3, matcher);
    }
    LedgerReport matchers = ledger.walk(TYPE + "xds.type.matcher.v3.Matcher", matcher);
    assertThat(matchers.complete()).isFalse();

    Value json = Value.newBuilder().setStringValue("x").build();
    for (int i = 0; i < 200; i++) {
      Struct struct = Struct.newBuilder().putFields("dnsRefreshRate", json).build();
      json = Value.newBuilder().setStructValue(struct).build();
    }
    TypedStruct struct =
        TypedStruct.newBuilder()
            .setTypeUrl(TYPE + "envoy.config.cluster.v3.Cluster")
            .setValue(json.getStructValue())
            .build();
    LedgerReport report = ledger.walk(TYPE + "udpa.type.v1.TypedStruct", struct.toByteString());
    assertThat(report.complete()).isFalse();
  }

  @Test
  void endlessDifferentFieldsDoNotFillTheMemory() {
    ByteString.Output out = ByteString.newOutput();
    for (int number = 1_000; number < 200_000; number++) {
      varint(out, (long) number << 3);
      out.write(1);
    }
    LedgerReport report = ledger.walk(TYPE + "envoy.config.cluster.v3.Cluster", out.toByteString());
    assertThat(report.unknown()).hasSizeLessThanOrEqualTo(2_000);
    assertThat(report.complete()).isFalse();
  }

  @Test
  void namesFromTheWireCannotForgeLogLines() {
    LedgerReport report = ledger.walk("a/b\r\nERROR forged " + "x".repeat(9_999), ByteString.EMPTY);
    String name = report.unknown().get(0).field();
    assertThat(name).doesNotContain("\n").doesNotContain("\r").hasSizeLessThan(300);
  }

  private static List<Any> resources() {
    List<Any> all = new ArrayList<>();
    for (String scenario :
        List.of("istio/11-envoyfilter", "istio/01-plain", "kuma/03-resilience")) {
      for (String node : Recordings.nodes(scenario)) {
        Recordings.responses(scenario, node)
            .forEach(r -> r.getResourcesList().forEach(x -> all.add(x.getResource())));
      }
    }
    return all;
  }

  private static ByteString field(int number, ByteString body) {
    ByteString.Output out = ByteString.newOutput();
    varint(out, number << 3 | 2);
    varint(out, body.size());
    return out.toByteString().concat(body);
  }

  private static void varint(ByteString.Output out, long value) {
    long rest = value;
    while (rest >= 128) {
      out.write((int) (rest & 127 | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
