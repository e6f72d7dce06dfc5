package io.inmesh.xds;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While a fallback control plane is in use, asks those before it, with the back-off of streams,
 * until one answers a discovery request (gRFC A71: that is what "reachable" means). Configuration
 * thread only.
 */
final class ReturnToPreferred {
  /** Who is told that a preferred control plane answers. */
  interface Found {
    void answers(int index, ManagedChannel channel, long generation);
  }

  private static final Logger logger = LoggerFactory.getLogger("io.inmesh.xds");

  private final Servers servers;
  private final AdsClientBuilder settings;
  private final ConfigurationThread thread;
  private final Found found;
  private int rounds;
  private @Nullable Future<?> next;
  private @Nullable Attempt attempt;

  ReturnToPreferred(
      Servers servers, AdsClientBuilder settings, ConfigurationThread thread, Found found) {
    this.servers = servers;
    this.settings = settings;
    this.thread = thread;
    this.found = found;
  }

  /** From a back-off from now on; does nothing where it runs already. */
  void start(TypeUrl type) {
    if (next == null && attempt == null) {
      rounds = 0;
      later(type);
    }
  }

  void stop() {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
    Attempt running = attempt;
    attempt = null;
    if (running != null) {
      running.give("no longer of interest");
    }
  }

  private void later(TypeUrl type) {
    rounds++;
    Duration wait = settings.backoff.delay(rounds, thread.random());
    next =
        thread
            .scheduler()
            .schedule(
                () -> {
                  next = null;
                  ask(0, type);
                },
                wait.toNanos(),
                TimeUnit.NANOSECONDS);
  }

  private void ask(int index, TypeUrl type) {
    if (index >= servers.current()) {
      later(type);
      return;
    }
    ControlPlane asked = servers.get(index);
    try {
      Attempt now = new Attempt(index, asked.generation(), asked.newChannel(), type);
      attempt = now;
      now.open(asked);
    } catch (IOException | RuntimeException e) {
      Attempt failed = attempt;
      Status status = Status.UNAVAILABLE.withDescription(e.getMessage()).withCause(e);
      if (failed != null) {
        failed.failed(status);
      } else {
        ask(index + 1, type);
      }
    }
  }

  /** One stream on which one type is asked for. */
  private final class Attempt implements AdsStream.Events {
    private final int index;
    private final long generation;
    private final ManagedChannel channel;
    private final TypeUrl type;
    private final AdsStream<?, ?> stream;
    private @Nullable Future<?> limit;

    Attempt(int index, long generation, ManagedChannel channel, TypeUrl type) {
      this.index = index;
      this.generation = generation;
      this.channel = channel;
      this.type = type;
      this.stream =
          new AdsStream<>(
              settings.protocol.newWire(), channel, thread.scheduler(), settings.node, this);
    }

    void open(ControlPlane asked) throws IOException {
      stream.open(asked.headers());
      // all of a type: the answer cannot be silence
      stream.send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url()));
      limit =
          thread
              .scheduler()
              .schedule(
                  () -> stream.cancel("no answer in time"),
                  AdsClient.FIRST_ANSWER.toNanos(),
                  TimeUnit.NANOSECONDS);
    }

    private void done() {
      if (limit != null) {
        limit.cancel(false);
      }
    }

    void give(String why) {
      done();
      stream.cancel(why);
      channel.shutdown();
    }

    void failed(Status status) {
      if (attempt == this) {
        attempt = null;
        done();
        channel.shutdown();
        logger
            .atDebug()
            .addKeyValue("controlPlane", servers.get(index))
            .addKeyValue("reason", Reasons.of(status))
            .log("A preferred control plane does not answer yet");
        ask(index + 1, type);
      }
    }

    @Override
    public void onWritable() {}

    @Override
    public void onResponse(
        AdsStream<?, ?> from, DeltaDiscoveryResponse response, boolean wholeType) {
      if (attempt == this) {
        attempt = null;
        done();
        stream.cancel("it answers; the stream proper follows");
        found.answers(index, channel, generation);
      }
    }

    @Override
    public void onEnd(AdsStream<?, ?> from, Status status) {
      failed(status);
    }
  }
}
