package io.inmesh.match;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * Expressions, templates and addresses of a configuration: understood, or refused with a reason.
 */
class MatcherTextFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void understoodOrRefused(byte[] data) {
    String[] lines = new String(data, StandardCharsets.UTF_8).split("\n", 2);
    String text = lines[0];
    String value = lines[lines.length - 1];
    List<Consumer<String>> readers =
        List.of(
            each -> Regex.of(each).matches(value),
            each -> PathTemplate.parse(each).matches(value),
            each -> Paths.separatedPrefix(each, true).matches(value),
            each -> Cidr.of(each, 24).contains(IpAddress.parse(value)),
            IpAddress::parse);
    for (Consumer<String> reader : readers) {
      try {
        reader.accept(text);
      } catch (IllegalArgumentException e) {
        // said why
      }
    }
  }
}
