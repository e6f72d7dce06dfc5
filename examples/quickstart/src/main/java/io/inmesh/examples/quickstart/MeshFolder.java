package io.inmesh.examples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder of YAML that the control plane watches: a copy that may be edited. */
final class MeshFolder {
  static final String ROUTE = "reviews-route.yaml";
  private static final Pattern WEIGHT =
      Pattern.compile("subset: (v\\d)\\}\\s*\\n\\s*weight: (\\d+)");

  private final Path folder;

  private MeshFolder(Path folder) {
    this.folder = folder;
  }

  static MeshFolder copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
    return new MeshFolder(to);
  }

  Path path() {
    return folder;
  }

  /**
   * Writes new weights, as an editor would.
   *
   * @return the lines that changed, as a diff shows them
   */
  List<String> weights(int v1, int v2) throws IOException {
    Path file = folder.resolve(ROUTE);
    String before = Files.readString(file);
    StringBuilder after = new StringBuilder();
    Matcher matcher = WEIGHT.matcher(before);
    while (matcher.find()) {
      int weight = matcher.group(1).equals("v1") ? v1 : v2;
      String found = matcher.group();
      String kept = found.substring(0, found.length() - matcher.group(2).length());
      matcher.appendReplacement(after, Matcher.quoteReplacement(kept + weight));
    }
    matcher.appendTail(after);
    Files.writeString(file, after);
    return diff(before.lines().toList(), after.toString().lines().toList());
  }

  private static List<String> diff(List<String> before, List<String> after) {
    List<String> diff = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        diff.add("  " + before.get(i - 1).strip());
        diff.add("-   " + before.get(i).strip());
        diff.add("+   " + after.get(i).strip());
      }
    }
    return diff;
  }
}
