package io.inmesh.xds;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.concurrent.Executor;

/**
 * One call of the aggregated discovery service. One response is asked for at a time. Events come on
 * the executor, which is the configuration thread; methods are called there as well.
 */
final class AdsStream<Q, R> extends ClientCall.Listener<R> {
  /** What happens to a stream. */
  interface Events {
    /** Requests can be sent without piling up. */
    void onWritable();

    /**
     * A response; {@link AdsStream#requestNext} asks for the next.
     *
     * @param wholeType the response names every resource of its type that exists
     */
    void onResponse(AdsStream<?, ?> stream, DeltaDiscoveryResponse response, boolean wholeType);

    /** Nothing follows. */
    void onEnd(AdsStream<?, ?> stream, Status status);
  }

  private final Wire<Q, R> wire;
  private final ClientCall<Q, R> call;
  private final Events events;
  private final Node node;
  private boolean nodeSent;
  private boolean leaving;
  private boolean answered;

  AdsStream(Wire<Q, R> wire, ManagedChannel channel, Executor executor, Node node, Events events) {
    this.wire = wire;
    this.node = node;
    this.events = events;
    this.call = channel.newCall(wire.method(), CallOptions.DEFAULT.withExecutor(executor));
  }

  void open(Metadata headers) {
    call.start(this, headers);
    call.request(1);
  }

  boolean writable() {
    return !leaving && call.isReady();
  }

  boolean answered() {
    return answered;
  }

  void send(DeltaDiscoveryRequest.Builder request) {
    if (leaving) {
      return;
    }
    if (!nodeSent) {
      nodeSent = true;
      request.setNode(node);
    }
    call.sendMessage(wire.request(request.build()));
  }

  void requestNext() {
    if (!leaving) {
      call.request(1);
    }
  }

  /**
   * Ends our half, so that the control plane knows this end from a crash, and waits for its own.
   */
  void sayGoodbye() {
    leaving = true;
    call.halfClose();
    // its status comes behind whatever it has sent
    call.request(Integer.MAX_VALUE);
  }

  void cancel(String why) {
    call.cancel(why, null);
  }

  @Override
  public void onReady() {
    events.onWritable();
  }

  @Override
  public void onMessage(R response) {
    if (!leaving) {
      answered = true;
      events.onResponse(this, wire.response(response), wire.namesWholeType(response));
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    events.onEnd(this, status);
  }
}
