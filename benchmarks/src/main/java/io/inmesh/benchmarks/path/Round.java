package io.inmesh.benchmarks.path;

/**
 * What one arm did in one round.
 *
 * @param p50Nanos of what the caller waited
 * @param cpuNanos of the caller's process
 * @param allocatedBytes by the calling threads
 */
record Round(int requests, int failures, long p50Nanos, long cpuNanos, long allocatedBytes) {
  static Round parse(String line) {
    String[] words = line.split(" ");
    return new Round(
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]));
  }

  @Override
  public String toString() {
    return "round "
        + requests
        + " "
        + failures
        + " "
        + p50Nanos
        + " "
        + cpuNanos
        + " "
        + allocatedBytes;
  }
}
