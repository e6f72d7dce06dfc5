package io.inmesh.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code docs/benchmarks.md}: words written by hand, tables put between two marks by the run that
 * took them.
 */
public final class Report {
  private Report() {}

  /**
   * Replaces what stands between {@code <!-- name -->} and {@code <!-- /name -->}.
   *
   * @throws IOException when the file cannot be read or written, or has no such marks
   */
  public static void write(Path file, String name, String table) throws IOException {
    String text = Files.readString(file);
    String open = "<!-- " + name + " -->\n";
    String close = "<!-- /" + name + " -->";
    int from = text.indexOf(open);
    int to = text.indexOf(close);
    if (from < 0 || to < from) {
      throw new IOException(file + " has no marks " + open.trim() + " and " + close);
    }
    Files.writeString(
        file, text.substring(0, from + open.length()) + "\n" + table + "\n" + text.substring(to));
  }
}
