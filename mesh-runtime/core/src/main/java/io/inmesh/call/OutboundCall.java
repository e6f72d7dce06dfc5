package io.inmesh.call;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpManager;
import io.inmesh.config.RetryPolicy;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.TransportSocket;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Acquisition;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Failure;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.Lease;
import io.inmesh.upstream.Refusal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call of the application: routed, then attempted until one attempt responds. Follows Envoy's
 * router filter; what is said to the caller when it fails is worded as Envoy words it.
 *
 * <p>Attempts in flight are in {@link #flying}: one, or with hedging a few. A lease ends when its
 * stream does: with End, Failed, or the Cancel that this call itself commands.
 */
final class OutboundCall extends BaseCall {
  private final CallContext parent;
  private final Capabilities can;
  private final Attempts flying = new Attempts();
  private final Retries retries = new Retries(this);
  private @Nullable Mirrors mirrors;
  private RouteAction.@Nullable Forward forward;
  private @Nullable Route taken;
  private RouteAction.@Nullable Target target;
  private @Nullable Attempt chosen;
  private boolean replayable;
  private int numbers;
  private long routeAt = Long.MAX_VALUE;
  private long durationAt = Long.MAX_VALUE;
  private long idleAt = Long.MAX_VALUE;
  private long completeNanos;

  /** The whole request was handed on once: Envoy's time-outs start here, not at the first byte. */
  private boolean requestComplete;

  private long routeTimeout;

  /** The host as filters left it, before the route rewrites it. */
  private String askedFor = "";

  /** The same as the last {@code auto_host_rewrite} found it; null: none yet. */
  private @Nullable String beforeHost;

  OutboundCall(
      CallEnvironment env,
      HttpManager manager,
      RequestHead request,
      BodyTraits body,
      CallContext parent,
      Capabilities can,
      Waker waker,
      long nowNanos) {
    super(env, manager, request, body, Connection.LOCAL, parent, waker, nowNanos);
    this.parent = parent;
    this.can = can;
    this.replayable = !body.present() || (body.replayable() && !body.duplex());
  }

  @Override
  public CallContext context() {
    return parent;
  }

  // ---- routing

  @Override
  void filtered() {
    Route route = route();
    if (route == null) {
      answer(RouterReplies.noRoute());
      return;
    }
    taken = route;
    if (route.action() instanceof RouteAction.Forward to) {
      forward(route, to);
    } else {
      RouteAnswers.answer(this, route);
    }
  }

  private void forward(Route route, RouteAction.Forward to) {
    forward = to;
    RouteAction.Target chosenTarget = to.clusters().choose(request, env.random());
    if (chosenTarget == null) {
      clusterNotFound(to, "");
      return;
    }
    target = chosenTarget;
    outcome.cluster = chosenTarget.cluster();
    Cluster cluster = env.clusters().find(chosenTarget.cluster());
    if (cluster == null) {
      clusterNotFound(to, chosenTarget.cluster());
      return;
    }
    if (cluster.config().notYet() != null) {
      RouteAnswers.refuse(this, cluster.config().notYet());
      return;
    }
    askedFor = request.authority();
    durationAt = startedAndNanos(UpstreamHead.durationNanos(request, to));
    long timeout = UpstreamHead.timeoutNanos(request, to, parent, nowNanos());
    UpstreamHead.edit(this, route, chosenTarget, to, timeout);
    retries.routed(to, tunnel()); // by the request as the upstream gets it
    routeTimeout = timeout;
    routeAt = parent.deadlineNanos();
    if (!body.present()) {
      requestComplete();
    }
    touch();
    if (route.includeAttemptCount()) {
      request.headers().set("x-envoy-attempt-count", "1"); // mirrors say so too
    }
    tryHost();
  }

  @Override
  HeaderEdits replyEdits(Route to) {
    RouteAction.Target chosenTarget = target;
    return chosenTarget == null
        ? to.responseEdits()
        : chosenTarget.responseEdits().then(to.responseEdits());
  }

  private boolean tunnel() {
    return can.upgrade() && body.duplex();
  }

  private void requestComplete() {
    if (requestComplete) {
      return;
    }
    requestComplete = true;
    completeNanos = nowNanos();
    if (watcher != null) {
      watcher.requestComplete(completeNanos);
    }
    if (routeTimeout > 0) {
      routeAt = Math.min(routeAt, nowNanos() + routeTimeout);
    }
    for (int i = 0; i < flying.size(); i++) {
      flying.get(i).startTimer(perTry(), nowNanos());
    }
  }

  private void clusterNotFound(RouteAction.Forward to, String name) {
    outcome.failure = "no cluster " + name;
    answer(RouterReplies.noCluster(to.clusterNotFoundStatus()));
  }

  // ---- attempts

  private void tryHost() {
    RouteAction.Target to = Objects.requireNonNull(target);
    Cluster cluster = env.clusters().find(to.cluster());
    if (cluster == null) {
      clusterNotFound(Objects.requireNonNull(forward), to.cluster());
      return;
    }
    Acquisition acquired = cluster.acquire(retries, nowNanos());
    if (acquired instanceof Lease lease) {
      start(lease, cluster);
      return;
    }
    if (watcher != null && acquired instanceof Refusal refusal) {
      watcher.refused(cluster, refusal);
    }
    if (acquired == Refusal.NO_HEALTHY_UPSTREAM || acquired == Refusal.NOT_READY) {
      outcome.failure = "cluster " + cluster.config().name() + ": " + acquired;
      answer(RouterReplies.noHost());
    } else if (flying.isEmpty()) {
      answer(RouterReplies.overflow(retries.happened()));
    }
    // else: a hedge found no room; what it was to help runs on
  }

  private void start(Lease lease, Cluster cluster) {
    Host host = lease.host();
    TransportSocket socket = host.socket();
    if (socket instanceof TransportSocket.Unsupported unsupported) {
      lease.end(nowNanos());
      RouteAnswers.refuse(this, unsupported.why());
      return;
    }
    mirror();
    Attempt attempt = new Attempt(nextNumber(), lease);
    flying.add(attempt);
    outcome.attempts++;
    outcome.host = host.address();
    Wire wire = wire(cluster.config(), host);
    if (Objects.requireNonNull(taken).includeAttemptCount()) {
      request.headers().set("x-envoy-attempt-count", Decimals.of(outcome.attempts));
    }
    if (requestComplete) {
      attempt.startTimer(perTry(), nowNanos());
    }
    attempt.moved(perTry(), nowNanos());
    rewriteHost(host.endpoint().hostname());
    boolean background = hedging() && replayable;
    RequestHead head = background ? request.copy() : request;
    if (watcher != null) {
      watcher.attempt(attempt.number, cluster, host, wire, head, nowNanos());
    }
    commands.add(new Command.Start(attempt.number, host, wire, head, background));
  }

  /** With the first attempt that has a host: what goes nowhere is not mirrored. */
  private void mirror() {
    RouteAction.Forward to = forward;
    if (to != null && !to.mirrors().isEmpty() && replayable && outcome.attempts == 0) {
      mirrors = new Mirrors();
      mirrors.start(this, retries, to.mirrors(), routeTimeout);
    }
  }

  /** {@code auto_host_rewrite}: each attempt asks for the name of its own host. */
  private void rewriteHost(String name) {
    RouteAction.Forward to = forward;
    if (to == null || !to.autoHostRewrite() || name.isEmpty()) {
      return;
    }
    beforeHost = request.authority();
    UpstreamHead.rewriteHost(request, to, name);
  }

  Wire wire(ClusterConfig cluster, Host host) {
    return TcpManager.is(manager)
        ? Wires.tcp(cluster, host.socket(), request.protocol(), request.scheme().equals("https"))
        : Wires.named(
            Wires.of(cluster, host, request.protocol(), manager.options()),
            cluster.autoNames(),
            askedFor);
  }

  int nextNumber() {
    return ++numbers;
  }

  private boolean hedging() {
    RouteAction.Forward to = forward;
    return can.concurrentAttempts()
        && to != null
        && to.hedge() != null
        && to.hedge().onPerTryTimeout()
        && to.retry() != null
        && (to.retry().perTryNanos() > 0 || to.retry().perTryIdleNanos() > 0);
  }

  private void cancel(Attempt attempt, String why) {
    flying.remove(attempt);
    attempt.lease.end(nowNanos());
    if (watcher != null) {
      watcher.cancelled(attempt.number, why, nowNanos());
    }
    commands.add(new Command.Cancel(attempt.number, why));
  }

  // ---- events

  @Override
  void happened(Event event) {
    touch();
    if (event instanceof Event.Head e) {
      Attempt attempt = find(e.attempt());
      if (attempt != null && !attempt.headArrived) {
        head(attempt, e.head(), e.end());
      }
    } else if (event instanceof Event.End e) {
      ended(e);
    } else if (event instanceof Event.Failed e) {
      failed(e);
    } else if (event instanceof Event.RequestSent e) {
      Attempt attempt = find(e.attempt());
      if (attempt != null) {
        attempt.moved(perTry(), nowNanos());
        attempt.sent = true;
        // a tunnel (WebSocket) is never complete: no time-out of the route may end it
        if (!tunnel()) {
          requestComplete();
        }
      }
      connected(e.attempt());
    } else if (event instanceof Event.Connected e) {
      connected(e.attempt());
    } else if (event instanceof Event.Progress e) {
      Attempt attempt = find(e.attempt());
      if (attempt != null) {
        attempt.moved(perTry(), nowNanos());
      }
    } else if (event instanceof Event.RetainOverflow) {
      overflown();
    } else if (event instanceof Event.CallerGone) {
      outcome.flags.add(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION);
      if (chosen == null) {
        outcome.status = 0;
      }
      outcome.details = "downstream_remote_disconnect";
      cancelAll("the caller is gone");
      over();
    }
  }

  /** As Envoy: what was to be sent again is gone, so a retry that is waited for cannot be made. */
  private void overflown() {
    replayable = false;
    if (!retries.waiting()) {
      return;
    }
    retries.forget();
    if (flying.isEmpty()) {
      answer(RouterReplies.notReplayable());
    }
  }

  private void connected(int number) {
    Attempt attempt = find(number);
    if (attempt != null) {
      attempt.lease.connected(nowNanos());
      if (watcher != null) {
        watcher.connected(number, nowNanos());
      }
    } else if (mirrors != null) {
      mirrors.connected(number, nowNanos());
    }
  }

  private @Nullable Attempt find(int number) {
    for (int i = 0; i < flying.size(); i++) {
      if (flying.get(i).number == number) {
        return flying.get(i);
      }
    }
    return null;
  }

  private void head(Attempt attempt, ResponseHead head, boolean end) {
    attempt.headArrived = true;
    attempt.perTryAt = Long.MAX_VALUE;
    attempt.moved(perTry(), nowNanos());
    long now = nowNanos();
    attempt.lease.connected(now);
    attempt.lease.response(
        head.status(), request.grpc(), UpstreamHead.grpcStatus(head.headers()), now);
    attempt.lease.told(head.headers(), now);
    boolean would = retries.would(head);
    boolean again = would && !attempt.hedged && mayRetry();
    if (watcher != null) {
      watcher.response(attempt.number, head, end, again, now);
    }
    if (would) {
      if (again) {
        cancel(attempt, "retried: status " + head.status());
        retries.schedule(attempt);
        return;
      }
      if (flying.size() > 1 || retries.waiting()) {
        cancel(attempt, "another attempt may do better");
        return;
      }
    }
    respond(attempt, head, end);
  }

  private void respond(Attempt attempt, ResponseHead head, boolean end) {
    chosen = attempt;
    retries.forget();
    for (int i = flying.size() - 1; i >= 0; i--) {
      Attempt other = flying.get(i);
      if (other != attempt) {
        cancel(other, "another attempt responded");
      }
    }
    retries.release();
    outcome.status = head.status();
    outcome.details = "via_upstream";
    outcome.host = attempt.lease.host().address();
    // Envoy says nothing of a response that came before the request was complete
    long millis = requestComplete ? (nowNanos() - completeNanos) / 1_000_000 : -1;
    if (!TcpManager.is(manager)) {
      UpstreamHead.editResponse(this, head, taken, target, millis);
      editResponse(head);
    }
    if (watcher != null) {
      watcher.responded(head, false, nowNanos());
    }
    commands.add(new Command.Respond(attempt.number, head, end));
    if (end) {
      finish(attempt);
    }
  }

  private void ended(Event.End event) {
    if (mirrors != null && mirrors.end(event.attempt(), nowNanos())) {
      return;
    }
    Attempt attempt = find(event.attempt());
    if (attempt == null || attempt != chosen) {
      return;
    }
    Headers trailers = event.trailers();
    if (trailers != null) {
      attempt.lease.told(trailers, nowNanos());
      editTrailers(trailers);
      commands.add(new Command.Trailers(trailers));
    }
    finish(attempt);
  }

  private void finish(Attempt attempt) {
    flying.remove(attempt);
    attempt.lease.end(nowNanos());
    if (watcher != null) {
      watcher.ended(attempt.number, nowNanos());
    }
    over();
  }

  private void failed(Event.Failed event) {
    if (mirrors != null && mirrors.end(event.attempt(), nowNanos())) {
      return;
    }
    Attempt attempt = find(event.attempt());
    if (attempt == null) {
      return;
    }
    outcome.failure = event.detail();
    if (beforeHost != null && event.kind().beforeRequest()) {
      request.authority(beforeHost); // Envoy asks for a host's name once it is connected
    }
    attempt.lease.failed(Wires.failure(event.kind()), nowNanos());
    flying.remove(attempt);
    attempt.lease.end(nowNanos());
    if (attempt == chosen) {
      tellFailed(event, false);
      outcome.flags.add(event.kind().flag());
      outcome.details =
          "upstream_reset_after_response_started{"
              + RouterReplies.underscored(event.kind().text())
              + "}";
      commands.add(
          new Command.Abort(
              "the response of "
                  + attempt.lease.host().address()
                  + " ("
                  + outcome.cluster
                  + ") broke off after its head had been delivered: "
                  + event.detail()));
      over();
      return;
    }
    boolean sent = attempt.sent || !event.kind().beforeRequest();
    boolean again = !attempt.hedged && retries.would(event.kind(), sent) && mayRetry();
    tellFailed(event, again);
    if (again) {
      retries.schedule(attempt);
    } else if (flying.isEmpty() && !retries.waiting()) {
      answer(RouterReplies.reset(event.kind(), event.detail(), retries.happened()));
    }
  }

  private void tellFailed(Event.Failed event, boolean again) {
    if (watcher != null) {
      watcher.failed(event.attempt(), event.kind(), event.detail(), again, nowNanos());
    }
  }

  // ---- retries

  private boolean mayRetry() {
    return replayable && chosen == null && retries.may();
  }

  // ---- time

  private void touch() {
    RouteAction.Forward to = forward;
    long idle =
        to == null || to.idleNanos() < 0 ? manager.options().streamIdleNanos() : to.idleNanos();
    if (idle > 0) {
      idleAt = nowNanos() + idle;
    }
  }

  private @Nullable RetryPolicy perTry() {
    RouteAction.Forward to = forward;
    return to == null ? null : to.retry();
  }

  @Override
  long dueNanos() {
    long ends = Math.min(durationAt, Math.min(routeAt, idleAt));
    return Math.min(ends, Math.min(retries.at(), flying.dueNanos()));
  }

  @Override
  void due() {
    long now = nowNanos();
    if (durationAt <= now) {
      tookTooLong();
    } else if (routeAt <= now) {
      timedOut(
          "response_timeout", ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, "upstream request timeout");
    } else if (idleAt <= now) {
      timedOut("stream_idle_timeout", ResponseFlag.STREAM_IDLE_TIMEOUT, "stream timeout");
    } else if (retries.at() <= now) {
      retries.forget();
      tryHost();
    } else {
      perTryTimeouts(now);
    }
  }

  /** Not the fault of any host: the attempts have no result. */
  private void tookTooLong() {
    durationAt = Long.MAX_VALUE;
    cancelAll("max_stream_duration");
    if (chosen == null) {
      answer(RouterReplies.durationTimeout());
    } else {
      brokenOff("max_duration_timeout", "downstream duration timeout");
    }
  }

  private void timedOut(String details, ResponseFlag flag, String text) {
    routeAt = Long.MAX_VALUE;
    idleAt = Long.MAX_VALUE;
    long now = nowNanos();
    for (int i = flying.size() - 1; i >= 0; i--) {
      Attempt attempt = flying.get(i);
      if (!attempt.headArrived && !attempt.timeoutTold) {
        attempt.lease.failed(Failure.TIMEOUT, now);
        tellTimeout(attempt, false);
      }
      cancel(attempt, text);
    }
    if (chosen == null) {
      boolean slowCaller = flag == ResponseFlag.STREAM_IDLE_TIMEOUT && !requestComplete;
      answer(RouterReplies.timeout(text, details, flag, slowCaller));
      return;
    }
    outcome.flags.add(flag);
    brokenOff(details, text);
  }

  private void brokenOff(String details, String text) {
    outcome.details = details;
    commands.add(
        new Command.Abort(
            text
                + " (route "
                + outcome.route
                + ", cluster "
                + outcome.cluster
                + ") after the response head had been delivered"));
    over();
  }

  private void tellTimeout(Attempt attempt, boolean perTry) {
    if (watcher != null) {
      watcher.timedOut(attempt.number, perTry, nowNanos());
    }
  }

  private void perTryTimeouts(long now) {
    for (int i = flying.size() - 1; i >= 0; i--) {
      Attempt attempt = flying.get(i);
      boolean idle = attempt.perTryIdleAt <= now;
      if (attempt.perTryAt > now && !idle) {
        continue;
      }
      attempt.perTryAt = Long.MAX_VALUE;
      attempt.perTryIdleAt = Long.MAX_VALUE;
      if (attempt == chosen && hedging()) {
        continue; // a soft limit
      }
      if (attempt == chosen) {
        timedOut(
            "upstream_per_try_idle_timeout", ResponseFlag.STREAM_IDLE_TIMEOUT, "stream timeout");
        return;
      }
      attempt.lease.failed(Failure.TIMEOUT, now);
      tellTimeout(attempt, true);
      attempt.timeoutTold = true;
      if (hedging()) {
        // a soft limit: whatever the retry conditions are, and even if nothing may be started
        if (mayRetry()) {
          attempt.hedged = true;
          retries.scheduleAtOnce(attempt);
        }
        continue;
      }
      boolean again = retries.would(ResetKind.LOCAL_RESET, true) && mayRetry();
      cancel(attempt, "per-try timeout");
      if (again) {
        retries.schedule(attempt);
      } else if (flying.isEmpty() && !retries.waiting()) {
        answer(RouterReplies.perTryTimeout(idle));
      }
      return;
    }
  }

  // ---- end

  private void cancelAll(String why) {
    for (int i = flying.size() - 1; i >= 0; i--) {
      cancel(flying.get(i), why);
    }
  }

  @Override
  void release() {
    cancelAll("the call is over");
    retries.release();
    if (mirrors != null) {
      mirrors.release(nowNanos());
    }
  }
}
