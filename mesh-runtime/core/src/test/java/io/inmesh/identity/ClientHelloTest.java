package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
  private static final String SNI = "outbound_.8080_.v1_.Reviews.shop.svc.cluster.local";

  @Test
  void aHelloTellsItsServerNameAndProtocols() throws Exception {
    ClientHello hello = ClientHello.peek(ByteBuffer.wrap(hello(0)));

    assertThat(hello.isTls()).isTrue();
    assertThat(hello.sni()).isEqualTo("outbound_.8080_.v1_.reviews.shop.svc.cluster.local");
    assertThat(hello.alpn()).containsExactly("istio-http/1.1", "istio", "http/1.1");
  }

  @Test
  void nothingIsConsumedAndWhatFollowsIsLeftAlone() throws Exception {
    byte[] one = hello(0);
    ByteBuffer received = ByteBuffer.allocateDirect(one.length + 10);
    received.position(3);
    received.put(one).put("abc".getBytes(StandardCharsets.US_ASCII)).flip().position(3);

    assertThat(ClientHello.peek(received).isTls()).isTrue();
    assertThat(received.position()).isEqualTo(3);
  }

  @Test
  void everyBeginningOfAHelloIsIncomplete() throws Exception {
    byte[] one = hello(0);
    for (int length = 0; length < one.length; length++) {
      assertThat(ClientHello.peek(ByteBuffer.wrap(one, 0, length)).kind())
          .as("first %d bytes", length)
          .isEqualTo(ClientHello.Kind.INCOMPLETE);
    }
  }

  @Test
  void aHelloInSixSegmentsIsPeekedAt() throws Exception {
    byte[] one = hello(0);
    ByteBuffer received = ByteBuffer.allocate(one.length);
    ClientHello last = ClientHello.INCOMPLETE;
    for (int i = 0; i < 6; i++) {
      assertThat(last.isIncomplete()).isTrue();
      received.put(Arrays.copyOfRange(one, one.length * i / 6, one.length * (i + 1) / 6));
      last = ClientHello.peek(received.duplicate().flip());
    }
    assertThat(last.alpn()).contains("istio");
  }

  @Test
  void aHelloInSeveralRecordsAndABigOneAreRead() throws Exception {
    byte[] one = hello(0);
    assertThat(ClientHello.peek(ByteBuffer.wrap(records(one, 1))).sni()).startsWith("outbound_");
    assertThat(ClientHello.peek(ByteBuffer.wrap(records(one, 100))).sni()).startsWith("outbound_");
    byte[] big = records(hello(30_000), 16_000);
    assertThat(big.length).isGreaterThan(30_000);
    assertThat(ClientHello.peek(ByteBuffer.wrap(big)).alpn()).contains("istio");
    for (int length = 0; length < big.length; length += 997) {
      assertThat(ClientHello.peek(ByteBuffer.wrap(big, 0, length)).isIncomplete()).isTrue();
    }
  }

  @Test
  void otherThingsAreNotTls() {
    for (String text : List.of("GET / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n", "\u0015\u0003", "\0")) {
      assertThat(
              ClientHello.peek(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1))).kind())
          .isEqualTo(ClientHello.Kind.PLAINTEXT);
    }
  }

  @Test
  void whatOnlyStartsLikeTlsIsMalformed() throws Exception {
    for (int[] bytes :
        new int[][] {
          {22, 2}, // version
          {22, 3, 1, 0, 0}, // empty record
          {22, 3, 1, 255, 255}, // record too long
          {22, 3, 1, 0, 4, 2, 0, 0, 0}, // ServerHello
          {22, 3, 1, 0, 4, 1, 2, 0, 0}, // 128 kB
          {22, 3, 1, 0, 4, 1, 0, 0, 0}, // nothing in it
          {22, 3, 1, 0, 5, 1, 0, 1, 0, 0, 23}, // then another kind of record
        }) {
      byte[] hello = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        hello[i] = (byte) bytes[i];
      }
      assertThat(ClientHello.peek(ByteBuffer.wrap(hello)).kind())
          .as(Arrays.toString(bytes))
          .isEqualTo(ClientHello.Kind.MALFORMED);
    }
  }

  @Test
  void garbageNeverThrows() throws Exception {
    Random random = new Random(42);
    byte[] one = hello(0);
    int[] seen = new int[ClientHello.Kind.values().length];
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = one.clone();
      for (int j = random.nextInt(8); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      seen[peekAnyLength(bytes, random).kind().ordinal()]++;
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      if (noise.length > 2) {
        noise[0] = 22;
        noise[1] = 3;
      }
      seen[peekAnyLength(noise, random).kind().ordinal()]++;
    }
    assertThat(seen).doesNotContain(0); // each kind of verdict was among them
  }

  private static ClientHello peekAnyLength(byte[] bytes, Random random) {
    int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length + 1);
    return ClientHello.peek(ByteBuffer.wrap(bytes, 0, length));
  }

  /** JSSE's hello, if wanted with an extension of that many bytes more. */
  private static byte[] hello(int padding) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(new RawServerName(SNI)));
    parameters.setApplicationProtocols(new String[] {"istio-http/1.1", "istio", "http/1.1"});
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(64 * 1024);
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] record = Arrays.copyOf(out.array(), out.position());
    return padding == 0 ? record : padded(record, padding);
  }

  private static byte[] padded(byte[] record, int padding) {
    int sessionId = 5 + 4 + 2 + 32;
    int suites = sessionId + 1 + record[sessionId];
    int compression = suites + 2 + ((record[suites] & 0xff) << 8 | record[suites + 1] & 0xff);
    int extensions = compression + 1 + record[compression];
    int length = (record[extensions] & 0xff) << 8 | record[extensions + 1] & 0xff;
    ByteBuffer bigger = ByteBuffer.allocate(record.length + 4 + padding);
    bigger.put(record, 0, extensions).putShort((short) (length + 4 + padding));
    bigger.putShort((short) 21).putShort((short) padding).put(new byte[padding]);
    bigger.put(record, extensions + 2, length);
    int message = bigger.position() - 5;
    bigger.putShort(3, (short) message);
    bigger.put(6, (byte) (message - 4 >> 16)).putShort(7, (short) (message - 4));
    return bigger.array();
  }

  /** The same message in records of that size. */
  private static byte[] records(byte[] hello, int size) {
    ByteBuffer out = ByteBuffer.allocate(hello.length * 7);
    for (int at = 5; at < hello.length; at += size) {
      int length = Math.min(size, hello.length - at);
      out.put((byte) 22).put((byte) 3).put((byte) 1).putShort((short) length);
      out.put(hello, at, length);
    }
    return Arrays.copyOf(out.array(), out.position());
  }
}
