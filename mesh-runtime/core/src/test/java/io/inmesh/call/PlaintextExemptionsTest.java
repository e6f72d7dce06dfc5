package io.inmesh.call;

import static io.inmesh.call.PlaintextExemptions.FirstBytes.EXEMPT;
import static io.inmesh.call.PlaintextExemptions.FirstBytes.INCOMPLETE;
import static io.inmesh.call.PlaintextExemptions.FirstBytes.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which plaintext requests are served whatever policy says. */
class PlaintextExemptionsTest {
  private final PlaintextExemptions exemptions =
      new PlaintextExemptions(Set.of(9090), Set.of("/healthz", "/ready?full"));

  private PlaintextExemptions.FirstBytes look(int port, String text) {
    return exemptions.look(port, ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void firstBytesDecideAsSoonAsTheyCan() {
    String request = "HEAD /healthz HTTP/1.1\r\n";
    for (int i = 0; i < "HEAD /healthz ".length(); i++) {
      assertThat(look(8080, request.substring(0, i))).as(request, i).isEqualTo(INCOMPLETE);
    }
    assertThat(look(8080, request)).isEqualTo(EXEMPT);
    assertThat(look(8080, "HEAD /healthy")).isEqualTo(OTHER);
    assertThat(look(8080, "P")).isEqualTo(OTHER);
    assertThat(look(9090, "POST / HTTP/1.1")).isEqualTo(EXEMPT);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /healthz, true",
    "HEAD, /ready?full, true",
    "POST, /healthz, false",
    "GET, /ready, false",
    "GET, /healthz?x=1, false",
    "GET, /healthz;x, false",
    "GET, /HEALTHZ, false",
    "GET, /, false"
  })
  void aRequestIsMetExactly(String method, String path, boolean exempt) {
    RequestHead head =
        new RequestHead(method, "http", "pod:8080", path, new Headers(), Protocol.HTTP11);
    assertThat(exemptions.exempts(8080, head)).isEqualTo(exempt);
    assertThat(exemptions.exempts(9090, head)).isTrue();
    assertThat(PlaintextExemptions.NONE.exempts(8080, head)).isFalse();
  }
}
