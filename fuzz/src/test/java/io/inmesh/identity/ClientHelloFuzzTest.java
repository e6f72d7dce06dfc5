package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

/** The first bytes of a connection, from anybody: judged without an error, and not consumed. */
class ClientHelloFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void judgedInAnyPieces(byte[] data) {
    ByteBuffer received = ByteBuffer.wrap(data);
    ClientHello whole = ClientHello.peek(received);
    assertThat(received.position()).isZero();
    for (int length = 1; length < data.length; length += 1 + length / 4) {
      ClientHello part = ClientHello.peek(ByteBuffer.wrap(data, 0, length));
      if (!part.isIncomplete()) {
        assertThat(part).as("after %s of %s bytes", length, data.length).isEqualTo(whole);
      }
    }
  }
}
