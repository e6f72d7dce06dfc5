package io.inmesh.grpc.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From the moment the mesh drains, the application's health service says NOT_SERVING, whatever it
 * answers itself: to those who ask, and to those who watch. Needs no class of the service.
 */
final class HealthDuringDrain {
  private static final String SERVICE = "grpc.health.v1.Health";

  /** {@code HealthCheckResponse} with status 2. */
  private static final byte[] NOT_SERVING = {8, 2};

  private final Set<HealthCall<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  <Q, P> ServerCall<Q, P> around(ServerCall<Q, P> call) {
    if (!SERVICE.equals(call.getMethodDescriptor().getServiceName())
        || UnknownMethods.isUnknown(call)) {
      return call;
    }
    HealthCall<Q, P> health = new HealthCall<>(call);
    open.add(health);
    return health;
  }

  void drain() {
    draining = true;
    open.forEach(HealthCall::notServing);
  }

  boolean is(ServerCall<?, ?> call) {
    return call instanceof HealthCall<?, ?>;
  }

  /** The RPC is over, however it ended. */
  void ended(ServerCall<?, ?> call) {
    if (call instanceof HealthCall<?, ?> health) {
      open.remove(health);
    }
  }

  /** The lock keeps our message between those of the application. */
  private final class HealthCall<Q, P> extends SimpleForwardingServerCall<Q, P> {
    private boolean answering;
    private boolean closed;

    HealthCall(ServerCall<Q, P> call) {
      super(call);
    }

    private P refusal() {
      return getMethodDescriptor().parseResponse(new ByteArrayInputStream(NOT_SERVING));
    }

    synchronized void notServing() {
      if (answering && !closed && !getMethodDescriptor().getType().serverSendsOneMessage()) {
        super.sendMessage(refusal());
      }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      super.sendHeaders(headers);
      answering = true;
    }

    @Override
    public synchronized void sendMessage(P message) {
      super.sendMessage(draining ? refusal() : message);
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      closed = true;
      open.remove(this);
      super.close(status, trailers);
    }
  }
}
