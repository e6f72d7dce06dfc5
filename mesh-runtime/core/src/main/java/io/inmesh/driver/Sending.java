package io.inmesh.driver;

/**
 * How far an attempt has got: told by its exchange while it executes, on the executing thread. Each
 * is told at most once. Of a request with a body, {@link #sent} must be told: its time-outs start
 * there.
 */
public interface Sending {
  /** There is a connection for the attempt, new or from a pool. */
  void connected();

  /** The whole request was handed to the connection: Envoy's route time-out starts here. */
  void sent();
}
