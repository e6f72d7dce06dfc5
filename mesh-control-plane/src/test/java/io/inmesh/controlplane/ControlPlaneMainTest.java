package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command: readable, and clear when it cannot start. */
class ControlPlaneMainTest {
  @TempDir Path directory;

  private String errorOf(String... arguments) {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new ControlPlaneMain())
            .setErr(new PrintWriter(err))
            .setOut(new PrintWriter(new StringWriter()))
            .execute(arguments);
    assertThat(code).isNotZero();
    return err.toString().strip();
  }

  @Test
  void saysWhyItCannotStart() {
    String state = directory.resolve("state").toString();
    assertThat(errorOf("--config", directory.resolve("none").toString(), "--state", state))
        .isEqualTo(
            "The control plane cannot start: the configuration directory "
                + directory.resolve("none")
                + " does not exist");
    assertThat(
            errorOf(
                "--config", directory.toString(), "--state", state, "--service-account", "shop"))
        .isEqualTo("--service-account needs namespace/name, not shop");
    assertThat(errorOf("--config", directory.toString()))
        .contains("Missing required option: '--state=DIR'");
  }

  @Test
  void startsInAProcessOfItsOwnReportsAndEndsOnATerminationSignal() throws Exception {
    Path config = Files.createDirectory(directory.resolve("config"));
    Files.writeString(config.resolve("bad.yaml"), "kind: [\n");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ControlPlaneMain.class.getName(),
                "--config",
                config.toString(),
                "--state",
                directory.resolve("state").toString(),
                "--port",
                "0",
                "--service-account",
                "shop/reviews")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      List<String> lines = new ArrayList<>();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      for (String line; (line = out.readLine()) != null; ) {
        lines.add(line);
        if (line.contains("a lost workload's endpoints stay")) {
          break;
        }
      }
      assertThat(lines)
          .anyMatch(
              line -> line.contains("config refused  bad.yaml  bad.yaml:2: this is not YAML"));
      assertThat(lines)
          .anyMatch(
              line -> line.matches("  xDS and certificates  127\\.0\\.0\\.1:[0-9]+ \\(TLS\\)"));
      assertThat(directory.resolve("state/tokens/shop/reviews")).exists();
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }
}
