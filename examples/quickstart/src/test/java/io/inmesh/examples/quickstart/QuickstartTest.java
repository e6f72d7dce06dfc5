package io.inmesh.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What README's first command promises, with real processes, ports and certificates. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuickstartTest {
  @TempDir Path directory;

  @Test
  void showsAllFivePointsAndEndsWithZero() throws Exception {
    try (Run run = new Run(directory)) {
      String output = run.readAll();
      assertThat(output)
          .containsPattern("  1  Who talks to whom +ok ")
          .containsPattern("  2  Traffic shift under load +ok +\\d+ requests, 0 failed")
          .containsPattern("  3  An instance is killed under load +ok +\\d+ requests, 0 failed")
          .containsPattern("  4  A caller without permission +ok +403 RBAC: access denied")
          .containsPattern("  5  The control plane restarts +ok +\\d+ requests, 0 failed")
          .doesNotContain("Exception", "\tat ");
      assertThat(run.exitCode()).as(output).isZero();
    }
  }

  @Test
  void keptRunningItFollowsEachEditAndLeavesNoProcessBehind() throws Exception {
    try (Run run = new Run(directory, "--play")) {
      run.read(line -> line.contains("Ctrl-C ends it"));
      Path route = directory.resolve("mesh/reviews-route.yaml");
      String yaml = Files.readString(route);
      Files.writeString(
          route,
          yaml.replaceFirst("weight: 50", "weight: 0").replaceFirst("weight: 50", "weight: 100"));
      run.read(line -> line.contains("v1   0.0 %   v2 100.0 %") && line.contains(" 0 failed"));
      List<ProcessHandle> children = run.children();
      assertThat(children).hasSize(6).allMatch(ProcessHandle::isAlive);
      run.kill();
      for (ProcessHandle child : children) {
        child.onExit().get(30, TimeUnit.SECONDS);
      }
    }
  }
}
