package io.inmesh.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatinBytesTest {
  private final LatinBytes latin = new LatinBytes();

  @Test
  void aTextThatComesAgainIsNotMadeAgain() {
    assertThat(latin.of(new String("istio-envoy"))).isSameAs(latin.of("istio-envoy"));
  }

  @Test
  void textsThatShareAPlaceAreNotTakenForEachOther() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    for (int i = 0; i < 3; i++) {
      assertThat(latin.of("Aa")).isEqualTo("Aa".getBytes(ISO_8859_1));
      assertThat(latin.of("BB")).isEqualTo("BB".getBytes(ISO_8859_1));
    }
  }

  @Test
  void nothingBeginsANewHeader() {
    assertThat(latin.of("a\r\nset-cookie: x\tb\u007f\u00e9"))
        .isEqualTo("a  set-cookie: x\tb \u00e9".getBytes(ISO_8859_1));
    String many = "x\n".repeat(100);
    assertThat(new String(latin.of(many), ISO_8859_1)).doesNotContain("\n").hasSize(200);
  }
}
