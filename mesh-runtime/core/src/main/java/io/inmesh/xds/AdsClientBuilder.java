package io.inmesh.xds;

import io.inmesh.proto.envoy.config.core.v3.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link AdsClient}. Not thread-safe. */
public final class AdsClientBuilder {
  private final List<ControlPlane> controlPlanes = new ArrayList<>();
  private final ResourceHandler handler;
  Node node = Node.getDefaultInstance();
  Backoff backoff = Backoff.DEFAULT;
  XdsProtocol protocol = XdsProtocol.DELTA;
  private @Nullable ScheduledExecutorService scheduler;
  private LongSupplier nanoTime = System::nanoTime;
  private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

  AdsClientBuilder(ControlPlane controlPlane, ResourceHandler handler) {
    controlPlanes.add(controlPlane);
    this.handler = handler;
  }

  /** Who asks; goes out with the first request of each stream. */
  public AdsClientBuilder node(Node node) {
    this.node = node;
    return this;
  }

  /**
   * Asked in this order when the ones before cannot be reached and something is missing that no
   * control plane has spoken of; left again as soon as one before answers (gRFC A71). With a
   * configuration in force, a lost control plane is waited for. Default: none.
   */
  public AdsClientBuilder fallbacks(List<? extends ControlPlane> others) {
    controlPlanes.addAll(others);
    return this;
  }

  /** Between streams; default {@link Backoff#DEFAULT}. */
  public AdsClientBuilder backoff(Backoff backoff) {
    this.backoff = backoff;
    return this;
  }

  /**
   * The configuration thread: exactly one thread, not shut down by the client. Default: an own
   * daemon thread.
   */
  public AdsClientBuilder scheduler(ScheduledExecutorService scheduler) {
    this.scheduler = scheduler;
    return this;
  }

  /** A clock that matches the scheduler; default {@link System#nanoTime}. */
  public AdsClientBuilder nanoTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    return this;
  }

  /** Default {@link XdsProtocol#DELTA}. */
  public AdsClientBuilder protocol(XdsProtocol protocol) {
    this.protocol = protocol;
    return this;
  }

  /** For jitter, in [0, 1). */
  public AdsClientBuilder random(DoubleSupplier random) {
    this.random = random;
    return this;
  }

  /** A client that does nothing until {@link AdsClient#start}. */
  public AdsClient build() {
    return new AdsClient(this, List.copyOf(controlPlanes), handler);
  }

  ConfigurationThread thread() {
    ScheduledExecutorService own = scheduler;
    return own == null
        ? new ConfigurationThread(ConfigurationThread.create(), nanoTime, random, true)
        : new ConfigurationThread(own, nanoTime, random, false);
  }
}
