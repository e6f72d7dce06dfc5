package io.inmesh.grpc.server;

import io.grpc.Attributes;
import io.grpc.Context;
import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.http.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, for handlers and interceptors of a meshed server. Travels in gRPC's {@link Context},
 * also to other threads ({@code Context.current().wrap(...)}); calls that are made within it, by
 * whatever meshed client, inherit deadline, request id, trace and peer.
 */
public final class MeshServerContext {
  /** What is known of the connection, in {@code ServerCall.getAttributes()}. */
  public static final Attributes.Key<Connection> CONNECTION =
      Attributes.Key.create("io.inmesh.connection");

  static final Context.Key<CallContext> CALL = Context.key("io.inmesh.call");

  static {
    CurrentCall.alsoIn(CALL::get);
  }

  private MeshServerContext() {}

  /** The RPC that is being served; {@link CallContext#NONE} outside of one. */
  public static CallContext call() {
    CallContext call = CALL.get();
    return call == null ? CallContext.NONE : call;
  }

  /**
   * The caller's name from its verified certificate, e.g. {@code
   * spiffe://cluster.local/ns/shop/sa/storefront}; null when it came in plaintext, or outside of an
   * RPC.
   */
  public static @Nullable String peer() {
    return call().peer().peer();
  }
}
