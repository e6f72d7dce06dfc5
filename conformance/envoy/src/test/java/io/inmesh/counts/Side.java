package io.inmesh.counts;

import java.util.List;

/**
 * One of the two that are compared, under one {@link Case}. A script says for each host what it
 * does: {@code h0=503 *=200}; several words take turns, {@code h0=500/200} by the requests that the
 * host has had, {@code h0=500,200} by the attempts of this one request there. Words: a status,
 * {@code 200+g} with grpc-status 14, {@code drop} (closes without an answer), {@code hold} (answers
 * 200 when released).
 */
interface Side {
  /**
   * One request, to its end.
   *
   * @param headers names and values in turn
   * @return the status
   */
  int send(String script, String... headers) throws Exception;

  default void send(int times, String script, String... headers) throws Exception {
    for (int i = 0; i < times; i++) {
      send(script, headers);
    }
  }

  /**
   * Starts a request; comes back when it can go no further by itself: a host holds it, it waits for
   * a connection, or it is answered.
   */
  Running start(String script, String... headers) throws Exception;

  /** A request that was started. */
  interface Running {
    /** Lets the hosts that hold it answer; comes back with its status when it has ended. */
    int release() throws Exception;
  }

  /** Lets time pass until so many hosts are ejected. */
  void awaitEjected(int hosts) throws Exception;

  /** Requests that a host has had so far. */
  int countOf(String host);

  /** Real or played milliseconds. */
  long millis();

  /** All requests so far in their order. */
  List<Seen> seen() throws Exception;
}
