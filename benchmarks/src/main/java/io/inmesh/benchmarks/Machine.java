package io.inmesh.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What the figures were taken on. */
public final class Machine {
  private Machine() {}

  /** One paragraph of markdown; the load says how quiet it was. */
  public static String describe() {
    Runtime runtime = Runtime.getRuntime();
    return "Taken %s on %s, %d processors, %s %s; %s %s (%s); load average before the run %s."
        .formatted(
            Instant.now().truncatedTo(ChronoUnit.MINUTES),
            processor(),
            runtime.availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("java.vm.name"),
            Runtime.version(),
            System.getProperty("java.vendor"),
            load());
  }

  private static String processor() {
    return lineOf("/proc/cpuinfo", "model name").replaceFirst(".*: *", "");
  }

  /** Of the last minute; empty where the kernel does not say. */
  public static String load() {
    String line = lineOf("/proc/loadavg", "");
    int end = line.indexOf(' ');
    return end < 0 ? "unknown" : line.substring(0, end);
  }

  private static String lineOf(String file, String start) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines.filter(line -> line.startsWith(start)).findFirst().orElse("unknown processor");
    } catch (IOException e) {
      return System.getProperty("os.arch", "unknown").toLowerCase(Locale.ROOT);
    }
  }
}
