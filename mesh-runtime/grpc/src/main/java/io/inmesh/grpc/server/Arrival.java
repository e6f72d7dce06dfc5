package io.inmesh.grpc.server;

import io.grpc.Attributes;
import io.inmesh.http.Connection;

/**
 * A connection that was let in, as an attribute of its transport.
 *
 * @param goAway tells the caller that no further RPCs are wanted on it, and lets those that run end
 */
record Arrival(Connection connection, Runnable goAway) {
  static final Attributes.Key<Arrival> KEY = Attributes.Key.create("io.inmesh.grpc.server.arrival");
}
