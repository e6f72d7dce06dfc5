package io.inmesh.benchmarks.performance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What processes have used so far, as Linux counts it for each of their threads.
 *
 * @param cpuNanos on a processor
 * @param switches of context, voluntary or not
 */
record Used(long cpuNanos, long switches) {
  static Used by(Collection<Long> processes) throws IOException {
    long cpu = 0;
    long switches = 0;
    for (long process : processes) {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process + "/task"))) {
        for (Path task : tasks.toList()) {
          cpu += number(firstLine(task.resolve("schedstat")).split(" ")[0]);
          switches += switches(task);
        }
      }
    }
    return new Used(cpu, switches);
  }

  private static long switches(Path task) throws IOException {
    long count = 0;
    for (String line : lines(task.resolve("status"))) {
      if (line.contains("ctxt_switches")) {
        count += number(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return count;
  }

  /** Resident memory of a process. */
  static long resident(long process) throws IOException {
    for (String line : lines(Path.of("/proc/" + process + "/status"))) {
      if (line.startsWith("VmRSS")) {
        return number(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS of process " + process);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // the thread has just ended
    }
  }

  private static String firstLine(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "0" : lines.get(0);
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }

  Used since(Used before) {
    return new Used(cpuNanos - before.cpuNanos, switches - before.switches);
  }
}
