package io.inmesh.call;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpManager;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * A served request: filters decide, then the application answers. The inbound cluster is the
 * application itself.
 */
final class InboundCall extends BaseCall {
  private final boolean callerNamedOperation;
  private final CallContext context;
  private boolean dispatched;
  private boolean responded;
  private long dueAt = Long.MAX_VALUE;
  private long durationAt = Long.MAX_VALUE;
  private @Nullable Route taken;
  private long dispatchedNanos;

  InboundCall(
      CallEnvironment env,
      HttpManager manager,
      RequestHead request,
      BodyTraits body,
      Connection connection,
      boolean callerNamedOperation,
      Waker waker,
      long nowNanos) {
    super(env, manager, request, body, connection, null, waker, nowNanos);
    this.callerNamedOperation = callerNamedOperation;
    this.context =
        InboundContext.of(
            request, connection, watcher == null ? null : watcher.travelling(), nowNanos);
  }

  @Override
  public CallContext context() {
    return context;
  }

  @Override
  public boolean wantsResponse() {
    Route route = taken;
    return super.wantsResponse() || (route != null && route.responseEdits() != HeaderEdits.NONE);
  }

  @Override
  void filtered() {
    Route route = route();
    if (route == null) {
      answer(LocalReply.of(404, "", "route_not_found").with(ResponseFlag.NO_ROUTE_FOUND));
      return;
    }
    taken = route;
    RouteAction action = route.action();
    if (action instanceof RouteAction.Forward forward) {
      RouteAction.Target target = forward.clusters().choose(request, env.random());
      outcome.cluster = target == null ? "" : target.cluster();
      durationAt = startedAndNanos(UpstreamHead.durationNanos(request, forward));
      if (forward.timeoutNanos() > 0 && forward.timeoutNanos() != Long.MAX_VALUE) {
        dueAt = nowNanos() + forward.timeoutNanos();
        long millis = Math.max(1, forward.timeoutNanos() / 1_000_000);
        request.headers().set("x-envoy-expected-rq-timeout-ms", Decimals.of(millis));
      }
      if (target != null) {
        target.requestEdits().apply(request.headers(), this);
      }
      dispatch(route);
    } else if (action instanceof RouteAction.NonForwarding) {
      dispatch(route);
    } else {
      RouteAnswers.answer(this, route);
    }
  }

  private void dispatch(Route route) {
    if (route.includeAttemptCount()) {
      request.headers().set("x-envoy-attempt-count", "1");
    }
    route.requestEdits().apply(request.headers(), this);
    // whatever the route says of durations: a gRPC caller waits no longer
    durationAt = Math.min(durationAt, context.deadlineNanos());
    dispatched = true;
    dispatchedNanos = nowNanos();
    outcome.attempts = 1;
    if (watcher != null) {
      watcher.dispatched(dispatchedNanos);
    }
    commands.add(new Command.Dispatch(request));
  }

  @Override
  void happened(Event event) {
    if (event instanceof Event.AppHead head && dispatched && !responded) {
      appHead(head.head());
    } else if (event instanceof Event.AppEnd end && responded) {
      Headers trailers = end.trailers();
      if (trailers != null) {
        editTrailers(trailers);
        commands.add(new Command.Trailers(trailers));
      }
      over();
    } else if (event instanceof Event.AppFailed failed && dispatched) {
      outcome.failure = failed.detail();
      outcome.flags.add(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
      if (responded) {
        commands.add(new Command.Abort(failed.detail()));
        over();
      } else {
        answer(
            LocalReply.of(
                503,
                "upstream connect error or disconnect/reset before headers. reset reason:"
                    + " connection termination",
                "upstream_reset_before_response_started{connection_termination}"));
      }
    } else if (event instanceof Event.CallerGone) {
      outcome.flags.add(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION);
      if (!responded) {
        outcome.status = 0;
      }
      outcome.details = "downstream_remote_disconnect";
      over();
    }
  }

  private void appHead(ResponseHead head) {
    responded = true;
    dueAt = Long.MAX_VALUE; // the duration is that of the whole response
    outcome.status = head.status();
    outcome.details = "via_upstream";
    Route route = taken;
    if (route != null) {
      route.responseEdits().apply(head.headers(), this);
    }
    long millis = (nowNanos() - dispatchedNanos) / 1_000_000;
    head.headers().set("x-envoy-upstream-service-time", Decimals.of(millis));
    editResponse(head);
    if (watcher != null) {
      watcher.responded(head, false, nowNanos());
    }
    commands.add(new Command.Respond(0, head, false));
  }

  /** To a caller that named no operation the server answers with its own. */
  @Override
  void lastWords(ResponseHead head) {
    Route route = route();
    if (!callerNamedOperation && route != null && route.decorator() != null) {
      head.headers().set("x-envoy-decorator-operation", route.decorator());
    }
  }

  @Override
  long dueNanos() {
    return Math.min(dueAt, durationAt);
  }

  @Override
  void due() {
    boolean duration = durationAt <= nowNanos();
    dueAt = Long.MAX_VALUE;
    durationAt = Long.MAX_VALUE;
    if (responded) {
      outcome.details = "max_duration_timeout";
      commands.add(new Command.Abort("downstream duration timeout"));
      over();
      return;
    }
    answer(
        duration
            ? RouterReplies.durationTimeout()
            : RouterReplies.timeout(
                "upstream request timeout",
                "response_timeout",
                ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
                false));
  }
}
