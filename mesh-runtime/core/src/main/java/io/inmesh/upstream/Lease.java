package io.inmesh.upstream;

import io.inmesh.config.LoadReport;
import io.inmesh.config.LoadReports;
import io.inmesh.http.Headers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One attempt's hold on a host, from pick to the end of its stream. It counts in the breakers and
 * in the host's active requests until {@link #end}, which may be called more than once and from any
 * thread. Results ({@link #response}, {@link #failed}) feed outlier detection; an attempt that its
 * caller gave up has none.
 */
public final class Lease implements Acquisition {
  private static final int PENDING = 0;
  private static final int CONNECTED = 1;
  private static final int ENDED = 2;
  private static final VarHandle PHASE;

  static {
    try {
      PHASE = MethodHandles.lookup().findVarHandle(Lease.class, "phase", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Cluster cluster;
  private final Host host;
  private final Breaker breaker;

  @SuppressWarnings("UnusedVariable") // by PHASE
  private volatile int phase;

  /** The first report of a response counts. */
  private boolean reported;

  /** The host's and breaker's places are taken already. */
  Lease(Cluster cluster, Host host, Breaker breaker) {
    this.cluster = cluster;
    this.host = host;
    this.breaker = breaker;
  }

  public Cluster cluster() {
    return cluster;
  }

  public Host host() {
    return host;
  }

  /** The attempt has a connection: it is no longer pending. */
  public void connected(long nowNanos) {
    if (PHASE.compareAndSet(this, PENDING, CONNECTED)) {
      breaker.connected();
      cluster.connected(host, nowNanos);
    }
  }

  /**
   * The response head has come.
   *
   * @param grpc the request is gRPC
   * @param grpcStatusOrMinusOne {@code grpc-status} of the head (not of trailers: Envoy does not
   *     count those); -1 when it has none
   */
  public void response(int status, boolean grpc, int grpcStatusOrMinusOne, long nowNanos) {
    boolean inHead = grpc && grpcStatusOrMinusOne >= 0;
    cluster.responded(host, inHead ? GrpcStatus.toHttp(grpcStatusOrMinusOne) : status, nowNanos);
  }

  /** What the response's head or trailers say of the host's load, where that decides something. */
  public void told(Headers headersOrTrailers, long nowNanos) {
    if (!reported && cluster.wantsReports()) {
      LoadReport report = LoadReports.read(headersOrTrailers);
      if (report != null) {
        reported = true;
        cluster.reported(host, report, nowNanos);
      }
    }
  }

  /** The attempt failed, before or after the head. Not for an attempt that the caller gave up. */
  public void failed(Failure kind, long nowNanos) {
    cluster.failed(host, kind, nowNanos);
  }

  /** The stream is over, whatever way. */
  public void end(long nowNanos) {
    int before = (int) PHASE.getAndSet(this, ENDED);
    if (before == ENDED) {
      return;
    }
    if (before == PENDING) {
      breaker.connected();
    }
    host.leave(nowNanos);
    breaker.leave();
  }

  @Override
  public String toString() {
    return cluster.name() + " " + host.address();
  }
}
