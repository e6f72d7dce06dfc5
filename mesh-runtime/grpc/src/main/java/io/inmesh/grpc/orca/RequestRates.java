package io.inmesh.grpc.orca;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** Counts RPCs, and those that failed by the server's own fault. */
final class RequestRates implements ServerInterceptor {
  /** As OpenTelemetry counts errors of servers. */
  private static final Set<Status.Code> FAULTS =
      EnumSet.of(
          Status.Code.UNKNOWN,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.UNIMPLEMENTED,
          Status.Code.INTERNAL,
          Status.Code.UNAVAILABLE,
          Status.Code.DATA_LOSS);

  private final LongAdder requests = new LongAdder();
  private final LongAdder errors = new LongAdder();

  long requests() {
    return requests.sum();
  }

  long errors() {
    return errors.sum();
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    requests.increment();
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (FAULTS.contains(status.getCode())) {
              errors.increment();
            }
            super.close(status, trailers);
          }
        },
        headers);
  }
}
