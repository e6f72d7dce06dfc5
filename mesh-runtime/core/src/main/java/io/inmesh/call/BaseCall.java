package io.inmesh.call;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.VirtualHost;
import io.inmesh.filter.FilterCall;
import io.inmesh.filter.FilterStatus;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.LocalNode;
import io.inmesh.filter.LocalReply;
import io.inmesh.filter.Pause;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What both directions share: filters, routing, answers of the mesh itself, and the end. */
abstract class BaseCall implements Call, FilterCall, HeaderEdits.FormatValues {
  private enum Phase {
    FILTERS,
    PAUSED,
    FILTERED,
    OVER
  }

  final CallEnvironment env;
  final RequestHead request;
  final Connection connection;
  final HttpManager manager;
  final BodyTraits body;
  final Outcome outcome = new Outcome();
  final CommandQueue commands = new CommandQueue();
  final long startNanos;
  private final FilterStack stack;
  private final Waker waker;
  private @Nullable Object @Nullable [] states;
  private Phase phase = Phase.FILTERS;
  private int filter;
  private int begun;
  private @Nullable Route route;
  private boolean routed;
  private long now;
  private long pauseUntil = Long.MAX_VALUE;
  private boolean doneGiven;

  /** Null: nobody watches. */
  final @Nullable CallWatcher watcher;

  private @Nullable PauseTicket ticket;

  BaseCall(
      CallEnvironment env,
      HttpManager manager,
      RequestHead request,
      BodyTraits body,
      Connection connection,
      @Nullable CallContext parent,
      Waker waker,
      long nowNanos) {
    this.env = env;
    this.manager = manager;
    this.request = request;
    this.body = body;
    this.connection = connection;
    this.waker = waker;
    this.stack = FilterStack.of(manager);
    this.startNanos = nowNanos;
    this.now = nowNanos;
    outcome.listener = manager.listener();
    this.watcher = env.listener().watch(manager, request, connection, parent, nowNanos);
  }

  // ---- Call

  @Override
  public final @Nullable Command poll(long nowNanos) {
    now = nowNanos;
    if (commands.isEmpty()) {
      if (phase == Phase.OVER) {
        if (doneGiven) {
          return null;
        }
        doneGiven = true;
        return Command.Done.INSTANCE;
      }
      step();
    }
    Command command = commands.next();
    return command != null || phase != Phase.OVER ? command : poll(nowNanos);
  }

  @Override
  public final void on(Event event, long nowNanos) {
    now = nowNanos;
    if (phase != Phase.OVER) {
      happened(event);
    }
  }

  @Override
  public final long deadlineNanos() {
    if (phase == Phase.OVER) {
      return Long.MAX_VALUE;
    }
    return Math.min(phase == Phase.PAUSED ? pauseUntil : Long.MAX_VALUE, dueNanos());
  }

  @Override
  public final Outcome outcome() {
    return outcome;
  }

  @Override
  public boolean wantsResponse() {
    CallWatcher watching = watcher;
    return stack.wantsResponse() || (watching != null && watching.wantsResponse());
  }

  @Override
  public final void requestBytes(long bytes) {
    if (watcher != null) {
      watcher.requestBytes(bytes);
    }
  }

  @Override
  public final void responseBytes(long bytes) {
    if (watcher != null) {
      watcher.responseBytes(bytes);
    }
  }

  // ---- for the directions

  /** The moment so long after the request's head; {@link Long#MAX_VALUE} stays. */
  final long startedAndNanos(long nanos) {
    return nanos == Long.MAX_VALUE ? nanos : startNanos + nanos;
  }

  /** An event of a call that is not over. */
  abstract void happened(Event event);

  /** All filters let the request through: route it. */
  abstract void filtered();

  /** Deadlines of the direction's own. */
  abstract long dueNanos();

  /** {@link #dueNanos} may have passed. */
  abstract void due();

  /** Releases what the call holds; called once, at the end. */
  void release() {}

  /** A request that must not go on as it is: answered before any filter. */
  final void refuseAtOnce(LocalReply reply) {
    routed = true; // to nowhere: a malformed request has no route
    answer(reply);
  }

  private void step() {
    if (phase == Phase.PAUSED) {
      unpause();
    }
    if (phase == Phase.FILTERS) {
      runFilters();
    }
    // one deadline may set another that has passed already (a hedge starts at once)
    while (phase != Phase.OVER && commands.isEmpty() && dueNanos() <= now) {
      due();
    }
  }

  private void unpause() {
    PauseTicket mine = ticket;
    Object answer = mine == null ? null : mine.answer();
    if (answer == null && pauseUntil <= now) {
      answer = PauseTicket.GO_ON;
    }
    if (answer == null) {
      return;
    }
    ticket = null;
    pauseUntil = Long.MAX_VALUE;
    if (answer instanceof LocalReply reply) {
      answer(reply);
    } else {
      filter++;
      phase = Phase.FILTERS;
    }
  }

  private void runFilters() {
    HttpFilter[] filters = stack.filters();
    while (phase == Phase.FILTERS && filter < filters.length) {
      HttpFilter next = filters[filter];
      begun = filter + 1;
      ticket = null;
      pauseUntil = Long.MAX_VALUE;
      FilterStatus status;
      try {
        status = next.request(this);
      } catch (RuntimeException e) {
        failed(next, e);
        return;
      }
      if (phase == Phase.OVER) {
        return;
      }
      switch (status) {
        case CONTINUE -> filter++;
        case PAUSE -> {
          phase = Phase.PAUSED;
          if (ticket == null && pauseUntil == Long.MAX_VALUE) {
            failed(next, new IllegalStateException("PAUSE without anything that ends it"));
            return;
          }
          unpause();
        }
        case REPLY -> failed(next, new IllegalStateException("REPLY without a reply"));
      }
    }
    if (phase == Phase.FILTERS) {
      phase = Phase.FILTERED;
      filtered();
    }
  }

  /** A filter that breaks has not let the request through. */
  private void failed(HttpFilter broken, RuntimeException e) {
    outcome.failure = "filter " + broken.name() + ": " + e;
    answer(
        LocalReply.of(
            500, "inmesh: a filter failed", "inmesh_filter_failed{" + broken.name() + "}"));
  }

  /** True from the moment all filters have let the request through. */
  final boolean isFiltered() {
    return phase == Phase.FILTERED;
  }

  /** Answers the caller; the call is over. */
  final void answer(LocalReply reply) {
    ResponseFlag flag = reply.flag();
    if (flag != null) {
      outcome.flags.add(flag);
    }
    outcome.details = reply.details();
    ResponseHead head = LocalReplies.head(request, edited(reply));
    begun = stack.filters().length; // all see the answer, as Envoy's encoders do
    outcome.status = head.status();
    finishHead(head);
    boolean bodiless = LocalReplies.headersOnly(request) || request.method().equals("HEAD");
    String text = bodiless ? "" : reply.body();
    tellReply(head, text);
    commands.add(new Command.Reply(head, text, null));
    over();
  }

  private void tellReply(ResponseHead head, String text) {
    CallWatcher watching = watcher;
    if (watching != null) {
      watching.responded(head, true, now);
      watching.responseBytes(text.isEmpty() ? 0 : text.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  /** A route to a cluster edits what the mesh answers in its place too. */
  private LocalReply edited(LocalReply reply) {
    Route to = route();
    if (to == null || !(to.action() instanceof RouteAction.Forward)) {
      return reply;
    }
    HeaderEdits edits = replyEdits(to);
    if (edits == HeaderEdits.NONE) {
      return reply;
    }
    Headers headers = new Headers(4);
    edits.apply(headers, this);
    for (int i = 0; i < reply.headers().size(); i++) {
      headers.set(reply.headers().name(i), reply.headers().value(i));
    }
    return reply.with(headers);
  }

  /** Response edits of the route, for answers of the mesh itself. */
  HeaderEdits replyEdits(Route to) {
    return to.responseEdits();
  }

  /** Filters in reverse, then what the manager itself says about every response. */
  final void editResponse(ResponseHead head) {
    finishHead(head);
  }

  private void finishHead(ResponseHead head) {
    int mine = filter;
    for (int i = begun - 1; i >= 0; i--) {
      filter = i;
      stack.filters()[i].response(this, head);
    }
    filter = mine;
    String server = manager.options().serverName();
    if (server != null) {
      head.headers().set("server", server);
    }
    lastWords(head);
  }

  /** What the direction adds to every response head. */
  void lastWords(ResponseHead head) {}

  final void editTrailers(Headers trailers) {
    int mine = filter;
    for (int i = begun - 1; i >= 0; i--) {
      filter = i;
      stack.filters()[i].trailers(this, trailers);
    }
    filter = mine;
    if (watcher != null) {
      watcher.trailers(trailers);
    }
  }

  /** The call is over; commands that are queued still go out, then Done. Idempotent. */
  final void over() {
    if (phase == Phase.OVER) {
      return;
    }
    phase = Phase.OVER;
    release();
    for (int i = begun - 1; i >= 0; i--) {
      filter = i;
      stack.filters()[i].end(this);
    }
    CallWatcher watching = watcher;
    if (watching != null) {
      watching.over(outcome, route, now);
    }
    env.listener().ended(manager.inbound(), request, connection, outcome, now - startNanos);
  }

  final boolean isOver() {
    return phase == Phase.OVER;
  }

  // ---- FilterCall

  @Override
  public final RequestHead request() {
    return request;
  }

  @Override
  public final Connection connection() {
    return connection;
  }

  @Override
  public final @Nullable Route route() {
    if (!routed) {
      routed = true;
      VirtualHost host = manager.routes().find(request.authority());
      if (host != null) {
        outcome.virtualHost = host.name();
        route = host.route(request, env.random());
      } else {
        route = null;
      }
      if (route != null) {
        outcome.route = route.name().isEmpty() ? route.place() : route.name();
      }
    }
    return route;
  }

  @Override
  public final void clearRoute() {
    routed = false;
  }

  @Override
  public final HttpFilterConfig config(HttpFilterConfig own) {
    Route current = route();
    if (current == null || current.filterOverrides().isEmpty()) {
      return own;
    }
    HttpFilterConfig override = current.filterOverrides().get(own.name());
    return override == null ? own : override;
  }

  @Override
  public final HeaderEdits.FormatValues values() {
    return this;
  }

  @Override
  public final @Nullable String value(String command, @Nullable String argument) {
    return FormatSource.value(this, command, argument);
  }

  @Override
  public final long nowNanos() {
    return now;
  }

  @Override
  public final long random() {
    return env.random().getAsLong();
  }

  @Override
  public final void reply(LocalReply reply) {
    answer(reply);
  }

  @Override
  public final Pause pause() {
    PauseTicket mine = new PauseTicket(waker);
    ticket = mine;
    return mine;
  }

  @Override
  public final void resumeAfter(long nanos) {
    pauseUntil = now + nanos;
  }

  @Override
  public final void flag(ResponseFlag flag) {
    outcome.flags.add(flag);
  }

  @Override
  public final void policy(String name) {
    outcome.policy = name;
  }

  @Override
  public final boolean inbound() {
    return manager.inbound();
  }

  @Override
  public final void peer(String metadata, boolean baggage) {
    if (watcher != null) {
      watcher.peer(metadata, baggage);
    }
  }

  @Override
  public final boolean watched() {
    return watcher != null;
  }

  @Override
  public final void judged(String statPrefix, boolean shadow, boolean allowed) {
    if (watcher != null) {
      watcher.judged(statPrefix, shadow, allowed);
    }
  }

  @Override
  public final @Nullable LocalNode node() {
    return env.node();
  }

  @Override
  public final @Nullable Object state() {
    @Nullable Object[] all = states;
    return all == null ? null : all[filter];
  }

  @Override
  public final void state(Object value) {
    if (states == null) {
      states = new Object[stack.filters().length];
    }
    states[filter] = value;
  }
}
