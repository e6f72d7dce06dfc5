package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** A text is a SPIFFE ID, and then exactly that one, or it is refused. */
class SpiffeIdFuzzTest {

  @FuzzTest(maxDuration = "5s")
  void whatIsReadIsWhatWasWritten(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    try {
      SpiffeId id = SpiffeId.parse(text);
      assertThat(id.uri()).isEqualTo(text);
      assertThat(id.path()).doesNotContain("//").doesNotContain("/../");
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining(" ");
    }
  }
}
