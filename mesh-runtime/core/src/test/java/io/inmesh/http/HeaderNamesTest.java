package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeaderNamesTest {
  private static String lower(String name) {
    byte[] bytes = ("::" + name + "::").getBytes(StandardCharsets.ISO_8859_1);
    return HeaderNames.lower(bytes, 2, name.length());
  }

  @Test
  void bytesBecomeTheNameThatTheirTextBecomes() {
    for (String name :
        new String[] {
          "Content-Type",
          "content-type",
          "CONTENT-TYPE",
          "x-unheard-Of",
          "B3",
          "b3",
          "Date ",
          "dat",
          "X-Request-I\u0004",
          "\u00c4-b",
          "",
          "_orwarded",
          "x-b3-traceid"
        }) {
      assertThat(lower(name)).isEqualTo(HeaderNames.lower(name));
    }
  }

  @Test
  void aKnownNameIsNoNewObject() {
    assertThat(lower("X-Request-Id")).isSameAs(lower("x-request-id"));
  }

  @Test
  void controlCharactersAreNoLetters() {
    // 0x4d is M, 0x0d only looks like it without its bit
    assertThat(lower("accept\r")).isEqualTo("accept\r");
    assertThat(lower("HOST")).isEqualTo("host");
    assertThat(lower("@ate")).isEqualTo("@ate");
  }
}
