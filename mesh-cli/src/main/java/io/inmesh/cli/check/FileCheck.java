package io.inmesh.cli.check;

import io.inmesh.cli.Json;
import io.inmesh.controlplane.config.ConfigCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of the files.
 *
 * @param yaml Istio's objects, all files together; null where there were none
 * @param yamlFiles how many files had these
 * @param dumps in the order of the files
 * @param unusable files that are neither, with the reason
 */
public record FileCheck(
    ConfigCheck.@Nullable Result yaml,
    int yamlFiles,
    List<Readiness> dumps,
    Map<String, String> unusable) {

  /**
   * @param texts by the name that messages should give the file
   */
  public static FileCheck of(Map<String, String> texts) {
    Map<String, String> yaml = new LinkedHashMap<>();
    Map<String, String> unusable = new LinkedHashMap<>();
    List<Dump> dumps = new ArrayList<>();
    List<Dump> parts = new ArrayList<>();
    texts.forEach(
        (file, text) -> {
          try {
            if (!isJson(text)) {
              yaml.put(file, text);
              return;
            }
            Object tree = Json.parse(text);
            if (Json.get(tree, "apiVersion") != null) {
              yaml.put(file, text); // JSON is YAML
              return;
            }
            Dump dump = DumpReader.read(file, tree);
            (dump.node().isEmpty() ? parts : dumps).add(dump);
          } catch (IllegalArgumentException e) {
            unusable.put(file, String.valueOf(e.getMessage()));
          }
        });
    if (!parts.isEmpty()) {
      dumps.add(Dump.join(parts));
    }
    return new FileCheck(
        yaml.isEmpty() ? null : ConfigCheck.of(yaml),
        yaml.size(),
        dumps.stream().map(dump -> new DumpCheck(dump).check()).toList(),
        unusable);
  }

  private static boolean isJson(String text) {
    String start = text.stripLeading();
    return start.startsWith("{") || start.startsWith("[");
  }

  /** Whether nothing has to be mended before a move. */
  public boolean inOrder() {
    return (yaml == null || yaml.refused().isEmpty())
        && dumps.stream().noneMatch(dump -> dump.verdict() == Verdict.NOT_READY);
  }

  /** Whether there is nothing at all to say. */
  public boolean spotless() {
    return inOrder()
        && (yaml == null || yaml.warnings().isEmpty())
        && dumps.stream().allMatch(dump -> dump.verdict() == Verdict.READY);
  }
}
