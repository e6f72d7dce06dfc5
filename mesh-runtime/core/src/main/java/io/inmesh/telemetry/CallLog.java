package io.inmesh.telemetry;

import io.inmesh.call.CallListener;
import io.inmesh.call.Outcome;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says why the mesh answered a call itself. Logger {@code io.inmesh.call}: WARN for refusals and
 * failures, each kind at most once a second with the number left out; DEBUG for every call.
 */
public final class CallLog implements CallListener {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.call");

  private final RepeatLimit limit;

  public CallLog(LongSupplier nanos) {
    this.limit = new RepeatLimit(nanos);
  }

  @Override
  public void ended(
      boolean inbound, RequestHead request, Connection from, Outcome outcome, long nanos) {
    boolean byMesh = !outcome.details().equals("via_upstream");
    boolean gone = outcome.details().equals("downstream_remote_disconnect");
    if (byMesh && !gone) {
      long left = limit.take(outcome.details(), outcome.listener());
      if (left >= 0) {
        describe(LOG.atWarn(), inbound, request, from, outcome, nanos)
            .log(
                left == 0 ? "{} {}" : "{} {} ({} more of this kind not shown)",
                inbound ? "refused" : "failed",
                words(inbound, request, from, outcome),
                left);
        return;
      }
    }
    if (LOG.isDebugEnabled()) {
      describe(LOG.atDebug(), inbound, request, from, outcome, nanos)
          .log(inbound ? "served" : "called");
    }
  }

  private static String words(
      boolean inbound, RequestHead request, Connection from, Outcome outcome) {
    StringBuilder text = new StringBuilder(160);
    text.append(request);
    if (inbound) {
      String peer = from.peer();
      text.append(" from ").append(peer == null ? "an unidentified peer" : peer);
    }
    text.append(": ").append(outcome.status()).append(' ').append(outcome.details());
    if (outcome.failure() != null) {
      text.append(", ").append(outcome.failure());
    }
    return text.toString();
  }

  private static LoggingEventBuilder describe(
      LoggingEventBuilder event,
      boolean inbound,
      RequestHead request,
      Connection from,
      Outcome outcome,
      long nanos) {
    LoggingEventBuilder described =
        event
            .addKeyValue("direction", inbound ? "inbound" : "outbound")
            .addKeyValue("status", outcome.status())
            .addKeyValue("flags", outcome.flags())
            .addKeyValue("details", outcome.details())
            .addKeyValue("listener", outcome.listener())
            .addKeyValue("route", outcome.route())
            .addKeyValue("cluster", outcome.cluster())
            .addKeyValue("host", outcome.host())
            .addKeyValue("attempts", outcome.attempts())
            .addKeyValue("duration_ms", nanos / 1_000_000);
    described = with(described, "policy", outcome.policy());
    described = with(described, "peer", inbound ? from.peer() : null);
    return with(described, "request_id", request.headers().first("x-request-id"));
  }

  private static LoggingEventBuilder with(
      LoggingEventBuilder event, String key, @Nullable String value) {
    return value == null ? event : event.addKeyValue(key, value);
  }
}
