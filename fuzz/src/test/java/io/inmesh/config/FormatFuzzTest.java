package io.inmesh.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Substitution formats in header operations: compiled, or refused by a ConfigException. */
class FormatFuzzTest {

  @FuzzTest(maxDuration = "5s")
  void compilesOrIsRefused(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    try {
      Format.compile(text);
    } catch (ConfigException e) {
      // said why
    }
  }
}
