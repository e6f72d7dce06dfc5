package io.inmesh.grpc.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.inmesh.http.Connection;
import io.inmesh.runtime.MeshServices;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes each RPC that comes in a call of the engine. Stands before the interceptors that were added
 * earlier, and before those that it is given.
 */
final class MeshServerInterceptor implements ServerInterceptor {
  private final MeshServices services;
  private final Drain drain;
  private final List<ServerInterceptor> inner = new CopyOnWriteArrayList<>();

  MeshServerInterceptor(MeshServices services, Drain drain) {
    this.services = services;
    this.drain = drain;
  }

  /** The last one runs first, as in gRPC. */
  void then(ServerInterceptor interceptor) {
    inner.add(interceptor);
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    Arrival arrival = call.getAttributes().get(Arrival.KEY);
    if (arrival == null) {
      return refuse(call, "inmesh: this RPC came in by a way that the mesh does not guard");
    }
    Connection from = arrival.connection();
    if (!services.inbound().trusted(from)) {
      arrival.goAway().run();
      return refuse(
          call, "inmesh: the trust roots that this connection was verified with are withdrawn");
    }
    return new ServedRpc<>(services, drain, from, call, headers, application(call, next)).begin();
  }

  private <Q, P> ServerCallHandler<Q, P> application(
      ServerCall<Q, P> call, ServerCallHandler<Q, P> next) {
    if (UnknownMethods.isUnknown(call)) {
      return (unknown, headers) -> UnknownMethods.answer(unknown);
    }
    ServerCallHandler<Q, P> handler = next;
    for (ServerInterceptor interceptor : inner) {
      ServerCallHandler<Q, P> within = handler;
      handler = (intercepted, headers) -> interceptor.interceptCall(intercepted, headers, within);
    }
    return handler;
  }

  private static <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call, String why) {
    call.close(Status.PERMISSION_DENIED.withDescription(why), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
