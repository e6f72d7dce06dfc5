package io.inmesh.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights are edited as a person would edit them, and nothing else is touched. */
class MeshFolderTest {
  private static final Path ORIGINAL = Path.of("mesh");

  @TempDir Path directory;

  @Test
  void changesTheTwoWeightsAndShowsThemAsADiff() throws Exception {
    MeshFolder folder = MeshFolder.copy(ORIGINAL, directory.resolve("mesh"));
    assertThat(folder.weights(90, 10))
        .filteredOn(line -> !line.startsWith("  "))
        .containsExactly("-   weight: 50", "+   weight: 90", "-   weight: 50", "+   weight: 10");
    String before = Files.readString(ORIGINAL.resolve(MeshFolder.ROUTE));
    assertThat(folder.path().resolve(MeshFolder.ROUTE))
        .content()
        .isEqualTo(
            before
                .replaceFirst("weight: 50", "weight: 90")
                .replaceFirst("weight: 50", "weight: 10"));
  }
}
