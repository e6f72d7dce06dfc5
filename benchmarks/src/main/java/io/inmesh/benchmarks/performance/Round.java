package io.inmesh.benchmarks.performance;

/**
 * What a caller's process says of one round.
 *
 * @param p50Nanos of what the callers waited
 * @param p99Nanos likewise
 * @param allocatedBytes by the calling threads
 * @param nanos that the round took
 */
record Round(
    int requests, int failures, long p50Nanos, long p99Nanos, long allocatedBytes, long nanos) {
  static Round parse(String line) {
    String[] words = line.split(" ");
    return new Round(
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]));
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
        + p99Nanos
        + " "
        + allocatedBytes
        + " "
        + nanos;
  }
}
