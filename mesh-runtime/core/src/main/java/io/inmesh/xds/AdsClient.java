package io.inmesh.xds;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One aggregated delta discovery stream to a control plane, reopened for ever, for all types of
 * resources; to another one by the rules of gRFC A71, where there are fallbacks.
 *
 * <p>Public methods may be called from any thread and never block (except {@link #close}). What
 * they ask for, and every callback, happens on one thread, the configuration thread; subscriptions
 * made in one go leave in one request.
 *
 * <p>Resources are held until the control plane takes them back or nobody wants them: never lost
 * with a stream.
 */
public final class AdsClient implements AutoCloseable {
  /** Envoy's {@code initial_fetch_timeout}. */
  public static final Duration DEFAULT_INITIAL_FETCH_TIMEOUT = Duration.ofSeconds(15);

  private static final Duration GOODBYE = Duration.ofSeconds(1);
  private static final Logger logger = LoggerFactory.getLogger("io.inmesh.xds");

  /**
   * After which a control plane counts as silent, where there is another to fall back to: what is
   * asked for first, all listeners and clusters, is always answered.
   */
  static final Duration FIRST_ANSWER = Duration.ofSeconds(15);

  private final Servers servers;
  private final ReturnToPreferred preferred;
  private final Node node;
  private final ResourceHandler handler;
  private final Backoff backoff;
  private final XdsProtocol protocol;
  private final ConfigurationThread thread;
  private final ScheduledExecutorService scheduler;
  private final CountDownLatch closed = new CountDownLatch(1);

  // configuration thread only
  private final Map<TypeUrl, TypeWatch> watches = new LinkedHashMap<>();
  private @Nullable AdsStream<?, ?> stream;
  private @Nullable Future<?> silence;
  private @Nullable Future<?> reconnect;
  private @Nullable Future<?> farewell;
  private @Nullable Disconnection lastDisconnection;
  private boolean started;
  private boolean closing;
  private boolean flushQueued;
  private int streams;
  private int failedAttempts;
  private long openedAt;

  private volatile AdsState state = new AdsState(false, 0, null, Map.of());

  AdsClient(AdsClientBuilder settings, List<ControlPlane> controlPlanes, ResourceHandler handler) {
    this.servers = new Servers(controlPlanes);
    this.handler = handler;
    this.node = settings.node;
    this.backoff = settings.backoff;
    this.protocol = settings.protocol;
    this.thread = settings.thread();
    this.scheduler = thread.scheduler();
    this.preferred = new ReturnToPreferred(servers, settings, thread, this::returnTo);
  }

  /** A client of this control plane that gives what it receives to the handler. */
  public static AdsClientBuilder builder(ControlPlane controlPlane, ResourceHandler handler) {
    return new AdsClientBuilder(controlPlane, handler);
  }

  /** Opens the first stream. */
  public void start() {
    onThread(
        () -> {
          if (!started) {
            started = true;
            connect();
          }
        });
  }

  /** Wants every resource of a type, with Envoy's default initial fetch time-out. */
  public void watchAll(TypeUrl type) {
    watchAll(type, DEFAULT_INITIAL_FETCH_TIMEOUT);
  }

  /**
   * Wants every resource of a type (LDS and CDS).
   *
   * @param initialFetchTimeout when the handler hears that nothing has come, from now on; zero for
   *     never
   */
  public void watchAll(TypeUrl type, Duration initialFetchTimeout) {
    onThread(
        () -> {
          watch(type).watchAll(initialFetchTimeout);
          flushSoon();
        });
  }

  /**
   * Wants resources by name. A name that is wanted already stays as it is.
   *
   * @param initialFetchTimeout when the handler hears that a name has not come, from now on; zero
   *     for never
   */
  public void subscribe(TypeUrl type, Collection<String> names, Duration initialFetchTimeout) {
    List<String> wanted = List.copyOf(names);
    onThread(
        () -> {
          TypeWatch watch = watch(type);
          wanted.forEach(name -> watch.subscribe(name, initialFetchTimeout));
          flushSoon();
        });
  }

  /**
   * As {@link #subscribe(TypeUrl, Collection, Duration)} with Envoy's default initial fetch
   * time-out.
   */
  public void subscribe(TypeUrl type, Collection<String> names) {
    subscribe(type, names, DEFAULT_INITIAL_FETCH_TIMEOUT);
  }

  /**
   * Wants names no more. The handler hears nothing of them from then on, not even that they are
   * gone.
   */
  public void unsubscribe(TypeUrl type, Collection<String> names) {
    List<String> unwanted = List.copyOf(names);
    onThread(
        () -> {
          unwanted.forEach(watch(type)::unsubscribe);
          flushSoon();
        });
  }

  /**
   * Uses resources that were received at another time, as if they had just come, wherever the
   * control plane has not spoken yet: not for a type that it has answered in full, nor for a name
   * that is held. What it says later replaces them; it is told nothing of them.
   *
   * @param resources of types that are subscribed to, those first that name others: clusters before
   *     endpoints, listeners before routes
   * @param then runs afterwards, on the configuration thread
   */
  public void restore(Collection<XdsResource> resources, Runnable then) {
    Map<TypeUrl, List<XdsResource>> byType = new LinkedHashMap<>();
    resources.forEach(
        resource -> byType.computeIfAbsent(resource.type(), t -> new ArrayList<>()).add(resource));
    onThread(
        () -> {
          byType.forEach((type, ofType) -> watch(type).restore(ofType));
          then.run();
          flushSoon();
        });
  }

  /**
   * The configuration thread, for what has to happen there; other clients may share it. Ends with
   * this client.
   */
  public ScheduledExecutorService configurationThread() {
    return scheduler;
  }

  /** What is known now; a little behind for a caller that has just subscribed. */
  public AdsState state() {
    return state;
  }

  /**
   * Says goodbye to the control plane and waits for its answer, at most about 2 s. No callback
   * comes afterwards.
   */
  @Override
  public void close() {
    onThread(this::leave);
    if (thread.isCurrent()) {
      return;
    }
    try {
      if (!closed.await(2 * GOODBYE.toMillis(), TimeUnit.MILLISECONDS)) {
        logger.atDebug().log("The ADS stream did not end in time and is cut");
        onThread(this::cut);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void connect() {
    if (closing) {
      return;
    }
    reconnect = null;
    streams++;
    openedAt = thread.nanoTime();
    watches.values().forEach(TypeWatch::streamOpened);
    try {
      AdsStream<?, ?> opened =
          new AdsStream<>(
              protocol.newWire(), servers.channel(), scheduler, node, new StreamEvents());
      stream = opened;
      opened.open(servers.inUse().headers());
      if (servers.several() && lacking()) {
        silence =
            scheduler.schedule(
                () -> opened.cancel("no answer within " + FIRST_ANSWER),
                FIRST_ANSWER.toNanos(),
                TimeUnit.NANOSECONDS);
      }
    } catch (IOException | RuntimeException e) {
      stream = null;
      ended(
          Status.UNAVAILABLE.withDescription("the stream could not be opened").withCause(e), false);
      return;
    }
    flush();
  }

  /** Whether something is wanted that no control plane has ever spoken of. */
  private boolean lacking() {
    return watches.values().stream().anyMatch(TypeWatch::lacking);
  }

  private void noLongerSilent() {
    if (silence != null) {
      silence.cancel(false);
      silence = null;
    }
  }

  private void received(
      AdsStream<?, ?> from, boolean first, DeltaDiscoveryResponse response, boolean wholeType) {
    if (first) {
      failedAttempts = 0;
      noLongerSilent();
      logger
          .atInfo()
          .addKeyValue("controlPlane", servers.inUse())
          .log("Connected to the control plane");
      guarded(handler::onConnected);
    }
    TypeWatch watch = watchOf(response.getTypeUrl());
    if (watch == null) {
      logger
          .atWarn()
          .addKeyValue("typeUrl", response.getTypeUrl())
          .addKeyValue("resources", response.getResourcesCount())
          .log("The control plane sent a type that nobody asked for; it is ignored");
    } else {
      DeltaDiscoveryRequest.Builder answer = watch.apply(response, wholeType);
      if (response.getNonce().isEmpty()) {
        // without a nonce an answer would be read as a subscription
        logger.atWarn().addKeyValue("type", response.getTypeUrl()).log("A response without nonce");
      } else {
        from.send(answer);
      }
    }
    // what the handler wants now leaves before anything else comes
    flush();
    publish();
    from.requestNext();
  }

  private void ended(Status status, boolean afterResponse) {
    stream = null;
    if (closing) {
      finish();
      return;
    }
    noLongerSilent();
    failedAttempts = afterResponse ? 0 : failedAttempts + 1;
    if (!afterResponse) {
      // a channel that has failed refuses calls for as long as its own back-off takes, up to two
      // minutes
      servers.drop();
    }
    if (!afterResponse && servers.several() && lacking() && fallBack(status)) {
      return;
    }
    Duration wait =
        backoff.delay(failedAttempts, thread.random()).minusNanos(thread.nanoTime() - openedAt);
    wait = wait.isNegative() ? Duration.ZERO : wait;
    Disconnection disconnection =
        new Disconnection(
            status.getCode().name(), Reasons.of(status), afterResponse, failedAttempts, wait);
    lastDisconnection = disconnection;
    log(disconnection);
    reconnect = scheduler.schedule(guard(this::connect), wait.toNanos(), TimeUnit.NANOSECONDS);
    publish();
    guarded(() -> handler.onDisconnected(disconnection));
  }

  /**
   * Goes on to the next control plane, by gRFC A71: this one cannot be reached and something is
   * missing.
   *
   * @return false after the last one: from the first again, after the back-off
   */
  private boolean fallBack(Status status) {
    ControlPlane silent = servers.inUse();
    servers.next();
    watches.values().forEach(TypeWatch::anotherServer);
    if (servers.current() == 0) {
      preferred.stop();
      return false;
    }
    failedAttempts--;
    Disconnection disconnection =
        new Disconnection(
            status.getCode().name(), Reasons.of(status), false, failedAttempts + 1, Duration.ZERO);
    lastDisconnection = disconnection;
    logger
        .atLevel(loud(failedAttempts + 1) ? Level.WARN : Level.DEBUG)
        .addKeyValue("controlPlane", silent)
        .addKeyValue("reason", disconnection.reason())
        .addKeyValue("fallback", servers.inUse())
        .log("The control plane cannot be reached: the next one is asked");
    publish();
    guarded(() -> handler.onDisconnected(disconnection));
    watches.keySet().stream().findFirst().ifPresent(preferred::start);
    connect();
    return true;
  }

  /** A control plane before the one in use answers. */
  private void returnTo(int index, ManagedChannel channel, long generation) {
    if (closing) {
      channel.shutdown();
      return;
    }
    logger
        .atInfo()
        .addKeyValue("controlPlane", servers.get(index))
        .addKeyValue("fallback", servers.inUse())
        .log("The preferred control plane answers again: back to it");
    if (reconnect != null) {
      reconnect.cancel(false);
    }
    noLongerSilent();
    AdsStream<?, ?> old = stream;
    stream = null;
    if (old != null) {
      bid(old);
    }
    servers.use(index, channel, generation);
    watches.values().forEach(TypeWatch::anotherServer);
    failedAttempts = 0;
    connect();
    if (index > 0) {
      watches.keySet().stream().findFirst().ifPresent(preferred::start);
    }
  }

  private Future<?> bid(AdsStream<?, ?> last) {
    last.sayGoodbye();
    return scheduler.schedule(
        guard(() -> last.cancel("no answer to our goodbye")),
        GOODBYE.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  /** 1, 2, 4, 8, ... in a row: a long outage is no reason to fill the log. */
  private static boolean loud(int attempts) {
    return Integer.bitCount(attempts) == 1;
  }

  private void log(Disconnection disconnection) {
    boolean loud = loud(disconnection.failedAttempts());
    logger
        .atLevel(disconnection.afterResponse() ? Level.INFO : loud ? Level.WARN : Level.DEBUG)
        .addKeyValue("controlPlane", servers.inUse())
        .addKeyValue("code", disconnection.code())
        .addKeyValue("reason", disconnection.reason())
        .addKeyValue("attempt", disconnection.failedAttempts())
        .addKeyValue("retryIn", disconnection.retryIn())
        .log("No stream to the control plane; the last configuration stays in force");
  }

  private void leave() {
    if (closing) {
      return;
    }
    closing = true;
    if (reconnect != null) {
      reconnect.cancel(false);
    }
    noLongerSilent();
    preferred.stop();
    watches.values().forEach(TypeWatch::close);
    AdsStream<?, ?> last = stream;
    if (last == null) {
      finish();
    } else {
      farewell = bid(last);
    }
  }

  private void cut() {
    servers.cut();
  }

  private void finish() {
    if (farewell != null) {
      farewell.cancel(false);
    }
    servers.drop();
    publish();
    closed.countDown();
    thread.end();
  }

  private TypeWatch watch(TypeUrl type) {
    return watches.computeIfAbsent(type, t -> new TypeWatch(t, handler, scheduler, this::publish));
  }

  private @Nullable TypeWatch watchOf(String typeUrl) {
    return typeUrl.indexOf('/') < 0 ? null : watches.get(new TypeUrl(typeUrl));
  }

  /** After what is queued already, so that calls in a row leave in one request. */
  private void flushSoon() {
    if (!flushQueued) {
      flushQueued = true;
      queue(
          () -> {
            flushQueued = false;
            flush();
            publish();
          });
    }
  }

  private void flush() {
    AdsStream<?, ?> current = stream;
    if (current == null) {
      return;
    }
    for (TypeWatch watch : watches.values()) {
      DeltaDiscoveryRequest.Builder request;
      while (current.writable() && (request = watch.nextRequest()) != null) {
        current.send(request);
      }
    }
  }

  private void publish() {
    Map<TypeUrl, AdsState.TypeState> types = new LinkedHashMap<>();
    watches.forEach((type, watch) -> types.put(type, watch.state()));
    AdsStream<?, ?> current = stream;
    state =
        new AdsState(
            current != null && current.answered(),
            streams,
            lastDisconnection,
            Collections.unmodifiableMap(types));
  }

  private void onThread(Runnable task) {
    if (thread.isCurrent()) {
      // in a callback: what is unsubscribed must not come any more, and the next response may be
      // nearer than the queue's end
      guarded(task);
      return;
    }
    queue(task);
  }

  private void queue(Runnable task) {
    try {
      scheduler.execute(guard(task));
    } catch (RejectedExecutionException e) {
      // closed: there is nobody left to tell
      logger.atTrace().log("A call to a closed ADS client");
    }
  }

  private static Runnable guard(Runnable task) {
    return () -> guarded(task);
  }

  private static boolean guarded(Runnable task) {
    try {
      task.run();
      return true;
    } catch (RuntimeException e) {
      logger.atError().setCause(e).log("A step of the ADS client failed; the client goes on");
      return false;
    }
  }

  /** Events of one stream; late ones of an old stream do nothing. */
  private final class StreamEvents implements AdsStream.Events {
    private boolean first = true;

    @Override
    public void onWritable() {
      guarded(AdsClient.this::flush);
    }

    @Override
    public void onResponse(
        AdsStream<?, ?> from, DeltaDiscoveryResponse response, boolean wholeType) {
      if (from == stream) {
        boolean isFirst = first;
        first = false;
        if (!guarded(() -> received(from, isFirst, response, wholeType))) {
          // half applied and not answered: a new stream brings everything again
          from.cancel("the client failed on a response");
        }
      }
    }

    @Override
    public void onEnd(AdsStream<?, ?> from, Status status) {
      if (from == stream) {
        guarded(() -> ended(status, from.answered()));
      }
    }
  }
}
