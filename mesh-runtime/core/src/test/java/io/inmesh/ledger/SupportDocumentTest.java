package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * docs/envoy-support.md and the README's counts are those of the ledger. To write them anew: {@code
 * mvn -pl mesh-runtime/core -am test -Dtest=SupportDocumentTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dinmesh.write-documents=true}, or build/ledger.sh.
 */
class SupportDocumentTest {
  private static final String HOW = "stale: run build/ledger.sh and commit what it writes";

  private final SupportDocument document = new SupportDocument(Ledger.get());
  private final boolean write = Boolean.getBoolean("inmesh.write-documents");

  @Test
  void theDocumentIsThatOfTheLedger() throws IOException {
    Path file = TestSources.repository().resolve("docs/envoy-support.md");
    String wanted = document.document();
    if (write) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, wanted);
    }
    assertThat(file).as(HOW).exists();
    assertThat(Files.readString(file).equals(wanted)).as(HOW).isTrue();
  }

  @Test
  void theReadmeHasTheLedgersCounts() throws IOException {
    Path readme = TestSources.repository().resolve("README.md");
    assumeTrue(Files.exists(readme), "no README yet");
    String text = Files.readString(readme);
    String wanted = document.insertCounts(text);
    if (write) {
      Files.writeString(readme, wanted);
    }
    assertThat(text).as("README.md has the markers").contains("<!-- ledger:begin -->");
    assertThat(Files.readString(readme).equals(wanted)).as("README.md " + HOW).isTrue();
  }

  @Test
  void countsGoBetweenTheMarkersAndNowhereElse() {
    String readme = "before\n<!-- ledger:begin -->\nold\n<!-- ledger:end -->\nafter\n";
    String now = document.insertCounts(readme);
    assertThat(now).startsWith("before\n").endsWith("<!-- ledger:end -->\nafter\n");
    assertThat(now).contains("| enforced |").doesNotContain("old");
    assertThat(document.insertCounts(now)).isEqualTo(now);
    assertThat(document.insertCounts("no markers")).isEqualTo("no markers");
  }
}
