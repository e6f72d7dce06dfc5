package io.inmesh.telemetry;

import io.inmesh.call.CallContext;
import io.inmesh.call.CallWatcher;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.config.HttpManager;
import io.inmesh.config.PeerMetadata;
import io.inmesh.config.Route;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.Refusal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of one call while it runs; told to the parts of telemetry at its end. */
final class CallRecord implements CallWatcher {
  final Watch watch;
  final HttpManager manager;
  final RequestHead request;
  final Connection connection;
  final long startNanos;
  private final @Nullable CallCounts counts;
  private final @Nullable CallSpans spans;
  @Nullable Cluster cluster;
  @Nullable Host host;
  @Nullable Wire wire;
  @Nullable ResponseHead response;
  @Nullable Headers trailers;
  PeerMetadata peer = PeerMetadata.UNKNOWN;
  long requestBytes;
  long responseBytes;
  long requestCompleteNanos = -1;
  long attemptNanos = -1;
  long respondedNanos = -1;
  boolean byMesh;
  String routeName = "";

  CallRecord(
      Watch watch,
      HttpManager manager,
      RequestHead request,
      Connection connection,
      @Nullable CallContext inherited,
      long nowNanos) {
    this.watch = watch;
    this.manager = manager;
    this.request = request;
    this.connection = connection;
    this.startNanos = nowNanos;
    Recorder recorder = watch.recorder();
    this.counts = recorder == null ? null : new CallCounts(this, recorder);
    Spans tracer = watch.spans();
    this.spans =
        tracer == null ? null : tracer.begin(manager, watch.config().tracing(), request, inherited);
  }

  boolean traced() {
    return spans != null;
  }

  @Nullable String traceId() {
    return spans == null ? null : spans.traceId();
  }

  @Nullable String spanId() {
    return spans == null ? null : spans.spanId();
  }

  @Override
  public boolean wantsResponse() {
    return watch.needsResponse();
  }

  @Override
  public CallContext.@Nullable Travelling travelling() {
    return spans == null ? null : spans.travelling();
  }

  @Override
  public void peer(String metadata, boolean baggage) {
    if (counts != null) {
      peer = counts.recorder.peers().told(metadata, baggage);
    }
  }

  @Override
  public void judged(String statPrefix, boolean shadow, boolean allowed) {
    if (counts != null) {
      counts.http.rbac(statPrefix, shadow, allowed);
    }
  }

  @Override
  public void attempt(
      int number, Cluster to, Host at, Wire spoken, RequestHead head, long nowNanos) {
    cluster = to;
    host = at;
    wire = spoken;
    attemptNanos = nowNanos;
    if (counts != null) {
      counts.attempt(number, to);
    }
    if (spans != null) {
      spans.attempt(number, to, at, head);
    }
  }

  @Override
  public void connected(int number, long nowNanos) {
    if (counts != null) {
      counts.connected(number);
    }
  }

  @Override
  public void requestComplete(long nowNanos) {
    requestCompleteNanos = nowNanos;
  }

  @Override
  public void response(int number, ResponseHead head, boolean end, boolean retried, long nowNanos) {
    if (counts != null) {
      counts.response(number, head.status(), end, retried);
    }
    if (spans != null) {
      spans.response(number, head.status());
    }
  }

  @Override
  public void failed(int number, ResetKind kind, String detail, boolean retried, long nowNanos) {
    if (counts != null) {
      counts.failed(number, kind);
    }
    if (spans != null) {
      spans.failed(number, kind, detail);
      spans.ended(number);
    }
  }

  @Override
  public void timedOut(int number, boolean perTry, long nowNanos) {
    if (counts != null) {
      counts.timedOut(perTry);
    }
    if (spans != null) {
      spans.timedOut(number);
    }
  }

  @Override
  public void cancelled(int number, String why, long nowNanos) {
    if (counts != null) {
      counts.cancelled(number);
    }
    if (spans != null) {
      spans.ended(number);
    }
  }

  @Override
  public void ended(int number, long nowNanos) {
    if (counts != null) {
      counts.ended(number, nowNanos);
    }
    if (spans != null) {
      spans.ended(number);
    }
  }

  @Override
  public void retry(Cluster of, Retry verdict) {
    if (counts != null) {
      counts.retry(verdict);
    }
  }

  @Override
  public void refused(Cluster of, Refusal why) {
    cluster = of;
    if (counts != null) {
      counts.refused(of, why);
    }
  }

  @Override
  public void dispatched(long nowNanos) {
    attemptNanos = nowNanos;
  }

  @Override
  public void responded(ResponseHead head, boolean byMesh, long nowNanos) {
    response = head;
    respondedNanos = nowNanos;
    this.byMesh = byMesh;
  }

  @Override
  public void trailers(Headers given) {
    trailers = given;
  }

  @Override
  public void requestBytes(long bytes) {
    requestBytes = bytes;
  }

  @Override
  public void responseBytes(long bytes) {
    responseBytes = bytes;
  }

  /** Of trailers, else of the head; -1: none. */
  int grpcStatus() {
    Headers last = trailers;
    String text = last == null ? null : last.first("grpc-status");
    ResponseHead head = response;
    if (text == null && head != null) {
      text = head.headers().first("grpc-status");
    }
    if (text == null || text.isEmpty() || text.length() > 3) {
      return -1;
    }
    int status = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = status * 10 + digit;
    }
    return status;
  }

  @Override
  public void over(Outcome outcome, @Nullable Route route, long nowNanos) {
    routeName = route == null ? "" : route.name();
    if (counts != null) {
      counts.over(outcome, route, nowNanos);
    }
    if (!watch.logs().isEmpty()) {
      LogValues values = new LogValues(this, outcome, nowNanos, Instant.now());
      for (AccessLogs.Writer log : watch.logs()) {
        log.write(values);
      }
    }
    if (spans != null) {
      spans.over(this, outcome, route);
    }
  }
}
