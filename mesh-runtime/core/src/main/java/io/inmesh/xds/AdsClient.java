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
 * resources.
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

  private final ControlPlane controlPlane;
  private final Node node;
  private final ResourceHandler handler;
  private final Backoff backoff;
  private final XdsProtocol protocol;
  private final ConfigurationThread thread;
  private final ScheduledExecutorService scheduler;
  private final CountDownLatch closed = new CountDownLatch(1);

  // configuration thread only
  private final Map<TypeUrl, TypeWatch> watches = new LinkedHashMap<>();
  private @Nullable ManagedChannel channel;
  private long channelGeneration;
  private @Nullable AdsStream<?, ?> stream;
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

  AdsClient(AdsClientBuilder settings, ControlPlane controlPlane, ResourceHandler handler) {
    this.controlPlane = controlPlane;
    this.handler = handler;
    this.node = settings.node;
    this.backoff = settings.backoff;
    this.protocol = settings.protocol;
    this.thread = settings.thread();
    this.scheduler = thread.scheduler();
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
              protocol.newWire(), currentChannel(), scheduler, node, new StreamEvents());
      stream = opened;
      opened.open(controlPlane.headers());
    } catch (IOException | RuntimeException e) {
      stream = null;
      ended(
          Status.UNAVAILABLE.withDescription("the stream could not be opened").withCause(e), false);
      return;
    }
    flush();
  }

  private ManagedChannel currentChannel() {
    long generation = controlPlane.generation();
    ManagedChannel current = channel;
    if (current == null || generation != channelGeneration) {
      dropChannel();
      current = controlPlane.newChannel();
      channel = current;
      channelGeneration = generation;
    }
    return current;
  }

  private void received(
      AdsStream<?, ?> from, boolean first, DeltaDiscoveryResponse response, boolean wholeType) {
    if (first) {
      failedAttempts = 0;
      logger
          .atInfo()
          .addKeyValue("controlPlane", controlPlane)
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
    failedAttempts = afterResponse ? 0 : failedAttempts + 1;
    if (!afterResponse) {
      // a channel that has failed refuses calls for as long as its own back-off takes, up to two
      // minutes
      dropChannel();
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

  private void log(Disconnection disconnection) {
    // 1, 2, 4, 8, ... in a row: a long outage is no reason to fill the log
    boolean loud = Integer.bitCount(disconnection.failedAttempts()) == 1;
    logger
        .atLevel(disconnection.afterResponse() ? Level.INFO : loud ? Level.WARN : Level.DEBUG)
        .addKeyValue("controlPlane", controlPlane)
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
    watches.values().forEach(TypeWatch::close);
    AdsStream<?, ?> last = stream;
    if (last == null) {
      finish();
    } else {
      last.sayGoodbye();
      farewell =
          scheduler.schedule(
              guard(() -> last.cancel("no answer to our goodbye")),
              GOODBYE.toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }

  private void dropChannel() {
    if (channel != null) {
      channel.shutdown();
      channel = null;
    }
  }

  private void cut() {
    if (channel != null) {
      channel.shutdownNow();
    }
  }

  private void finish() {
    if (farewell != null) {
      farewell.cancel(false);
    }
    dropChannel();
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
