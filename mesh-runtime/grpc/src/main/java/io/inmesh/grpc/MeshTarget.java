package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.SynchronizationContext;
import io.inmesh.runtime.MeshServices;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the parts of one channel share: made by its name resolver, opened by its directory. */
final class MeshTarget {
  static final Attributes.Key<MeshTarget> KEY = Attributes.Key.create("io.inmesh.grpc.target");
  private static final long SWEEP_SECONDS = 1;
  private static final int MANY_METHODS = 1000;

  final MeshServices services;

  final String authority;

  /** The header that the transport will write. */
  final String userAgent;

  final Lines lines;
  private final SynchronizationContext sync;
  private final Map<MethodDescriptor<?, ?>, MethodDescriptor<?, ?>> raw = new ConcurrentHashMap<>();
  private @Nullable ChannelCredentials credentials;
  private @Nullable Future<?> sweeps;
  private volatile @Nullable ManagedChannel outside;

  MeshTarget(
      MeshServices services, String authority, String userAgent, SynchronizationContext sync) {
    this.services = services;
    this.authority = authority;
    this.userAgent = userAgent;
    this.sync = sync;
    this.lines = new Lines(services.outbound());
  }

  /** In the synchronization context, as everything below. */
  void opened(ChannelCredentials given) {
    credentials = given;
    if (sweeps == null) {
      sweeps =
          services
              .drivers()
              .timer()
              .scheduleWithFixedDelay(
                  () -> lines.sweep(System.nanoTime(), line -> sync.execute(() -> close(line))),
                  SWEEP_SECONDS,
                  SWEEP_SECONDS,
                  TimeUnit.SECONDS);
    }
  }

  private void close(Line line) {
    Directory.Link link = line.link;
    if (link != null) {
      link.close();
    }
  }

  void shutdown() {
    if (sweeps != null) {
      sweeps.cancel(false);
    }
    ManagedChannel beside = outside;
    if (beside != null) {
      beside.shutdown();
    }
  }

  /** Why that line may not be opened, for who reads it; null: it may. */
  @Nullable String refusal(Line line) {
    ChannelCredentials mine = credentials;
    if (line.wire.tls() == null || mine == null || MeshChannelCredentials.in(mine) != null) {
      return null;
    }
    return "inmesh: "
        + line.host.address()
        + " of mesh:///"
        + authority
        + " demands mTLS, and this channel was made with credentials that cannot give it: make it"
        + " with MeshChannelCredentials.create(), or by MeshGrpc.channelFor(\""
        + authority
        + "\")";
  }

  /**
   * For RPCs that the mesh leaves alone: a channel of grpc-java's own to the same name.
   *
   * @param to told at once if it is there, else from the synchronization context
   */
  void outside(Consumer<Channel> to) {
    ManagedChannel made = outside;
    if (made != null) {
      to.accept(made);
    } else {
      sync.execute(() -> to.accept(open()));
    }
  }

  private Channel open() {
    ManagedChannel made = outside;
    if (made == null) {
      ChannelCredentials mine = credentials;
      made =
          Grpc.newChannelBuilder(
                  "dns:///" + authority,
                  mine == null
                      ? MeshChannelCredentials.PLAINTEXT
                      : MeshChannelCredentials.outside(mine))
              .build();
      outside = made;
    }
    return made;
  }

  /** The method with messages that may be sent more than once. */
  @SuppressWarnings("unchecked")
  <P> MethodDescriptor<Chunk, P> raw(MethodDescriptor<?, P> method) {
    MethodDescriptor<?, ?> known = raw.get(method);
    if (known == null) {
      known = method.toBuilder(Chunk.MARSHALLER, method.getResponseMarshaller()).build();
      if (raw.size() < MANY_METHODS) {
        raw.put(method, known);
      }
    }
    return (MethodDescriptor<Chunk, P>) known;
  }
}
