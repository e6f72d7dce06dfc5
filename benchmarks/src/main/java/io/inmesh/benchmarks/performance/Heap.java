package io.inmesh.benchmarks.performance;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** This process's heap, for those outside who ask. */
final class Heap {
  private Heap() {}

  /** What all threads that live have allocated. */
  static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (long each : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      bytes += Math.max(0, each);
    }
    return bytes;
  }

  /** What is left after a full collection; the second one takes what references held back. */
  static long retained() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
