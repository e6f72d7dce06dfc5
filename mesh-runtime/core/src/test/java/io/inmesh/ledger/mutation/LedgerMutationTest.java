package io.inmesh.ledger.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.ledger.mutation.FieldSwitch.Pattern;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every field that the ledger calls enforced is looked after by a test that its row names: when the
 * field is taken out of every message, one of them fails. Part of the nightly run ({@code
 * -Pnightly}); it takes some minutes.
 */
@EnabledIfSystemProperty(named = "inmesh.ledger.mutate", matches = "true")
class LedgerMutationTest {
  private static final Path REPORT = Path.of("target/ledger-mutation.tsv");

  @Test
  void aTestFailsWhenTheHandlingOfAnEnforcedFieldIsSwitchedOff(@TempDir Path work)
      throws Exception {
    Map<String, String> rows = enforced();
    File woven = Files.createDirectory(work.resolve("woven")).toFile();
    Weaver.weave(rows.keySet().stream().map(Pattern::of).toList(), woven);

    String all =
        String.join(" ", new TreeSet<>(List.of(String.join(" ", rows.values()).split(" "))));
    assertThat(run(work, woven, Map.of(MutantsMain.NOTHING, all)))
        .as("tests that fail while nothing is switched off prove nothing")
        .containsValue("not found");

    Map<String, String> verdicts = run(work, woven, rows);
    // What a test class keeps in static fields may have been made under an earlier mutant.
    for (Map.Entry<String, String> verdict : verdicts.entrySet()) {
      if (verdict.getValue().equals("not found") || verdict.getValue().equals("lost")) {
        String row = verdict.getKey();
        verdict.setValue(run(work, woven, Map.of(row, rows.getOrDefault(row, ""))).get(row));
      }
    }
    List<String> lines = new ArrayList<>();
    verdicts.forEach((row, verdict) -> lines.add(row + "\t" + verdict));
    Files.write(REPORT, lines);
    long found = verdicts.values().stream().filter("found"::equals).count();
    System.err.println(
        "ledger mutation: " + found + " of " + rows.size() + " switched-off fields were found");

    assertThat(verdicts.keySet()).isEqualTo(new TreeMap<>(rows).keySet());
    assertThat(lines)
        .as("enforced fields whose tests do not notice when they are gone")
        .noneMatch(line -> line.endsWith("\tnot found") || line.endsWith("\tlost"));
    assertThat(found).isGreaterThan(rows.size() * 9L / 10);
  }

  private static Map<String, String> enforced() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    try (InputStream in =
        LedgerMutationTest.class.getResourceAsStream("/io/inmesh/ledger/support-ledger.tsv")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        String[] parts = line.split("\t");
        if (parts.length == 3 && parts[1].equals("enforced") && !line.startsWith("#")) {
          rows.put(parts[0], parts[2]);
        }
      }
    }
    return rows;
  }

  /** A JVM of its own for these rows; when it dies, what it has not said is "lost". */
  private static Map<String, String> run(Path work, File woven, Map<String, String> rows)
      throws IOException, InterruptedException {
    Path list = work.resolve("rows.tsv");
    Files.write(list, rows.entrySet().stream().map(e -> e.getKey() + "\t" + e.getValue()).toList());
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                woven + File.pathSeparator + classPath,
                MutantsMain.class.getName(),
                list.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Map<String, String> verdicts = new TreeMap<>();
    rows.keySet().forEach(row -> verdicts.put(row, "lost"));
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines
          .lines()
          .map(line -> line.split("\t"))
          .filter(parts -> parts.length == 2 && rows.containsKey(parts[0]))
          .forEach(parts -> verdicts.put(parts[0], parts[1]));
    } catch (UncheckedIOException e) {
      // the JVM is gone: what is missing is lost
    } finally {
      process.destroyForcibly().waitFor();
    }
    return new LinkedHashMap<>(verdicts);
  }
}
