package io.inmesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The jar as users have it, in a process of its own; runs when it is packaged. */
class PackagedJarTest {
  private static Run jar(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(System.getProperty("inmesh.cli.jar"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.PIPE).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, err);
  }

  @Test
  void itRunsWithAllThatItNeeds() throws Exception {
    Run version = jar("--version");
    assertThat(version.code()).isZero();
    assertThat(version.out()).matches("inmesh [0-9]+\\..*\n");
    Run check = jar("check", Run.resource("dumps/envoyfilter.json"));
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out()).contains("not ready     reviews.shop").doesNotContain("\u001b[");
    // a newer JDK complains of what protobuf does
    assertThat(check.err().lines()).allMatch(line -> line.startsWith("WARNING: "));
    Run nobody = jar("clusters", "--admin", "127.0.0.1:1");
    assertThat(nobody.code()).isEqualTo(3);
    assertThat(nobody.err()).contains("refuses connections");
  }
}
