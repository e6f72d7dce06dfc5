package io.inmesh.examples.greeter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./greeter} promises is seen. */
@Timeout(300)
class GreeterTest {
  @TempDir Path work;

  @Test
  void allOfItIsSeen() throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
    try (Greeter greeter = new Greeter(Path.of("mesh"), work, out)) {
      greeter.show();
    }
    assertThat(text.toString(StandardCharsets.UTF_8))
        .contains("All of it was seen.")
        .contains(" 0 failed.")
        .doesNotContain("FAILED");
  }
}
