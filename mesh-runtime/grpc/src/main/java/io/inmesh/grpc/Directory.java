package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.inmesh.call.ResetKind;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A load balancer that balances nothing: which host an attempt goes to was decided by the mesh.
 * Keeps a subchannel for each line that is in use, and gives each attempt the one of its line.
 * Connections are made when somebody needs them, as Envoy's pools do: a host that could not be
 * reached is tried again by the next attempt, not after a back-off.
 */
final class Directory extends LoadBalancer {
  private final Helper helper;
  private final Set<Link> links = new HashSet<>();
  private @Nullable MeshTarget target;
  private boolean over;

  Directory(Helper helper) {
    this.helper = helper;
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    MeshTarget given = resolved.getAttributes().get(MeshTarget.KEY);
    if (given == null) {
      return Status.UNAVAILABLE.withDescription(
          "load balancing policy " + DirectoryProvider.POLICY + " is for mesh:/// targets alone");
    }
    target = given;
    given.opened(helper.getUnsafeChannelCredentials());
    helper.updateBalancingState(ConnectivityState.READY, new Picker());
    return Status.OK;
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (target == null) {
      helper.updateBalancingState(
          ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
    }
  }

  @Override
  public boolean canHandleEmptyAddressListFromNameResolution() {
    return true;
  }

  @Override
  public void shutdown() {
    over = true;
    for (Link link : List.copyOf(links)) {
      link.close();
    }
  }

  /** In the synchronization context: the attempt has a connection to wait for. */
  private void open(Attempt<?> attempt) {
    Line line = attempt.line();
    Link now = line.link;
    if (over || now != null && now.directory() == this) {
      attempt.link = now;
      return;
    }
    Link link = new Link(line);
    line.link = link;
    attempt.link = link; // before it can fail: whoever opened it hears of that, and does not try on
    links.add(link);
    String refusal = Objects.requireNonNull(target).refusal(line);
    if (refusal != null) {
      link.failed(new LineFailedException(ResetKind.TLS_FAILURE, refusal));
    } else {
      link.connect();
    }
  }

  /** Attempts that wait are given what there is for them now. */
  private void told() {
    if (!over) {
      helper.updateBalancingState(ConnectivityState.READY, new Picker());
    }
  }

  private final class Picker extends SubchannelPicker {
    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
      Attempt<?> attempt = args.getCallOptions().getOption(Attempt.KEY);
      if (attempt == null) {
        return PickResult.withError(
            Status.INTERNAL.withDescription("inmesh: an RPC that the mesh has not routed"));
      }
      PickResult result = result(attempt.link);
      if (result == null) {
        Link current = attempt.line().link;
        result = result(current);
        if (result == null) {
          helper.getSynchronizationContext().execute(() -> open(attempt));
          return PickResult.withNoResult();
        }
        attempt.link = current;
      }
      return result;
    }

    private @Nullable PickResult result(@Nullable Link link) {
      return link == null || link.directory() != Directory.this ? null : link.result;
    }
  }

  /** The subchannel of a line: one connection. */
  final class Link implements SubchannelStateListener {
    private final Line line;
    private @Nullable Subchannel subchannel;
    private @Nullable ScheduledHandle limit;

    /** Null: there was a connection, and it is gone. */
    private volatile @Nullable PickResult result = PickResult.withNoResult();

    Link(Line line) {
      this.line = line;
    }

    Directory directory() {
      return Directory.this;
    }

    void connect() {
      EquivalentAddressGroup address =
          new EquivalentAddressGroup(
              new InetSocketAddress(line.host.endpoint().host(), line.host.endpoint().port()),
              Attributes.newBuilder().set(Line.KEY, line).build());
      Subchannel made =
          helper.createSubchannel(
              CreateSubchannelArgs.newBuilder().setAddresses(List.of(address)).build());
      subchannel = made;
      made.start(this);
      made.requestConnection();
    }

    @Override
    public void onSubchannelState(ConnectivityStateInfo state) {
      Subchannel mine = subchannel;
      if (mine == null || line.link != this) {
        return;
      }
      switch (state.getState()) {
        case CONNECTING -> {
          limit();
          result = PickResult.withNoResult();
        }
        case READY -> {
          unlimit();
          result = PickResult.withSubchannel(mine);
          told();
        }
        case TRANSIENT_FAILURE ->
            failed(LineFailedException.of(state.getStatus(), line.tls != null));
        case IDLE -> {
          // the connection is gone: whoever is next makes a new one
          result = null;
          close();
          told();
        }
        case SHUTDOWN -> unlimit();
      }
    }

    /** Whoever waits is told so now; whoever comes later tries anew. */
    void failed(LineFailedException why) {
      unlimit();
      result = PickResult.withError(why.status());
      told();
      close();
    }

    private void limit() {
      long nanos = line.wire.connectTimeoutNanos();
      if (nanos > 0 && limit == null) {
        limit =
            helper
                .getSynchronizationContext()
                .schedule(
                    () ->
                        failed(
                            new LineFailedException(
                                ResetKind.CONNECT_TIMEOUT,
                                "no connection within the connect timeout of "
                                    + TimeUnit.NANOSECONDS.toMillis(nanos)
                                    + " ms")),
                    nanos,
                    TimeUnit.NANOSECONDS,
                    helper.getScheduledExecutorService());
      }
    }

    private void unlimit() {
      ScheduledHandle handle = limit;
      if (handle != null) {
        handle.cancel();
        limit = null;
      }
    }

    /** Streams that run on it end as they may. */
    void close() {
      unlimit();
      links.remove(this);
      if (line.link == this) {
        line.link = null;
      }
      Subchannel mine = subchannel;
      if (mine != null) {
        mine.shutdown();
      }
    }
  }
}
