package io.inmesh.benchmarks.performance;

/**
 * One arm in one round.
 *
 * @param p50Nanos open loop
 * @param p99Nanos open loop
 * @param cpuNanos a request, open loop, over all processes of the arm
 * @param switches of context a request, open loop, over all processes of the arm
 * @param perSecond closed loop
 * @param busyCpuNanos a request, closed loop
 * @param callerBytes a request, allocated by the calling threads, closed loop
 * @param serverBytes a request, allocated by all threads of the server, closed loop
 */
record Figures(
    double p50Nanos,
    double p99Nanos,
    double cpuNanos,
    double switches,
    double perSecond,
    double busyCpuNanos,
    double callerBytes,
    double serverBytes,
    int requests,
    int failures) {

  /**
   * @param serverBytes of the closed loop
   */
  static Figures of(Round open, Used openUsed, Round closed, Used closedUsed, long serverBytes) {
    double slow = Math.max(1, open.requests());
    double fast = Math.max(1, closed.requests());
    return new Figures(
        open.p50Nanos(),
        open.p99Nanos(),
        openUsed.cpuNanos() / slow,
        openUsed.switches() / slow,
        fast * 1e9 / Math.max(1, closed.nanos()),
        closedUsed.cpuNanos() / fast,
        closed.allocatedBytes() / fast,
        serverBytes / fast,
        open.requests() + closed.requests(),
        open.failures() + closed.failures());
  }
}
