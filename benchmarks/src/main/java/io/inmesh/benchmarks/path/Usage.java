package io.inmesh.benchmarks.path;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * What a process has used so far.
 *
 * @param cpuNanos of all its threads, in steps of 10 ms
 * @param allocatedBytes of the threads that live
 */
record Usage(long cpuNanos, long allocatedBytes) {
  static Usage now() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (long each : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      bytes += Math.max(0, each);
    }
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Usage(system.getProcessCpuTime(), bytes);
  }

  Usage since(Usage before) {
    return new Usage(cpuNanos - before.cpuNanos, allocatedBytes - before.allocatedBytes);
  }

  static Usage parse(String line) {
    String[] words = line.split(" ");
    return new Usage(Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  @Override
  public String toString() {
    return "usage " + cpuNanos + " " + allocatedBytes;
  }

  /** Says so for every line of input, until there is none; then the process ends. */
  static void answer() throws IOException {
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      System.out.println(now());
    }
    Runtime.getRuntime().halt(0);
  }
}
