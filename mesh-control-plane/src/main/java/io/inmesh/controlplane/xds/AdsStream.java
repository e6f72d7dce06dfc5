package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inmesh.controlplane.identity.CallerIdentity;
import io.inmesh.controlplane.identity.SpiffeId;
import io.inmesh.controlplane.registry.Registration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ADS stream, of either protocol. gRPC's threads only hand over; everything is decided on the
 * control plane's thread. A client that does not read is not sent to: what it missed is worked out
 * from what it was sent last when it reads again.
 */
abstract class AdsStream<Q, R> {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.xds");

  private final AdsServer server;
  private final ServerCallStreamObserver<R> out;
  private final SpiffeId caller = CallerIdentity.current();
  private final boolean onThisMachine = CallerIdentity.onThisMachine();
  private @Nullable Registration node;
  private Proxy proxy = Proxy.SIDECAR;
  private NodeResources resources = NodeResources.EMPTY;
  private boolean ended;

  AdsStream(AdsServer server, StreamObserver<R> out) {
    this.server = server;
    this.out = (ServerCallStreamObserver<R>) out;
    this.out.setOnReadyHandler(() -> server.execute(this::flushIfReady));
    this.out.setOnCancelHandler(() -> server.execute(() -> end(false)));
  }

  final StreamObserver<Q> requests() {
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        server.execute(() -> receive(request));
      }

      @Override
      public void onError(Throwable cause) {
        server.execute(() -> end(false));
      }

      @Override
      public void onCompleted() {
        server.execute(
            () -> {
              if (!ended) {
                end(true);
                out.onCompleted();
              }
            });
      }
    };
  }

  private void receive(Q request) {
    if (ended) {
      return;
    }
    if (node == null) {
      try {
        Registration read = NodeReader.read(node(request), caller);
        Proxy kind = Proxy.of(node(request));
        if (kind.plainEnvoy() && !onThisMachine) {
          throw Status.PERMISSION_DENIED
              .withDescription("INMESH_PROXY=envoy: keys are made for Envoys on this machine only")
              .asException();
        }
        node = read;
        proxy = kind;
        server.connected(this, read);
      } catch (StatusException e) {
        log.atWarn()
            .addKeyValue("identity", caller)
            .addKeyValue("node", node(request).getId())
            .log("stream refused: {}", e.getStatus().getDescription());
        fail(e.getStatus());
        return;
      }
    }
    subscribe(request);
    flushIfReady();
  }

  final void update(NodeResources next) {
    resources = next;
    flushIfReady();
  }

  private void flushIfReady() {
    if (!ended && node != null && out.isReady()) {
      flush();
    }
  }

  final void fail(Status status) {
    if (!ended) {
      end(false);
      out.onError(status.asRuntimeException());
    }
  }

  private void end(boolean clean) {
    if (!ended) {
      ended = true;
      server.ended(this, node, clean);
    }
  }

  final void send(R response) {
    out.onNext(response);
  }

  final @Nullable Registration registration() {
    return node;
  }

  final SpiffeId caller() {
    return caller;
  }

  final Proxy proxy() {
    return proxy;
  }

  final NodeResources resources() {
    return resources;
  }

  final AdsServer server() {
    return server;
  }

  final String nodeId() {
    return node == null ? "" : node.nodeId();
  }

  final void acknowledged(String type, String nonce) {
    log.atDebug()
        .addKeyValue("node", nodeId())
        .addKeyValue("type", type)
        .addKeyValue("nonce", nonce)
        .log("ACK");
  }

  final void refused(String type, String nonce, String reason) {
    log.atWarn()
        .addKeyValue("node", nodeId())
        .addKeyValue("type", type)
        .addKeyValue("nonce", nonce)
        .log("NACK: {}", reason);
    server.refused(nodeId(), type, reason);
  }

  abstract Node node(Q request);

  abstract void subscribe(Q request);

  /** Sends what the client lacks. */
  abstract void flush();
}
