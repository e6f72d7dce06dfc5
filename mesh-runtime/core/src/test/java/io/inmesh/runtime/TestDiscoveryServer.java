package io.inmesh.runtime;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.proto.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.inmesh.xds.TypeUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A well-behaved discovery server over real gRPC: ADS (delta), and the service for secrets alone in
 * both forms. Gives what it has to whoever asks for it, and again when it changes.
 */
final class TestDiscoveryServer implements AutoCloseable {
  /** {@code error_detail} of every NACK. */
  final List<String> refusals = new CopyOnWriteArrayList<>();

  /** Methods that were called. */
  final List<String> streams = new CopyOnWriteArrayList<>();

  private final Map<String, Map<String, Any>> resources = new HashMap<>();
  private final List<Stream> open = new ArrayList<>();
  private final Server server;
  private int nonce;

  TestDiscoveryServer() throws IOException {
    this(NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  /** On a Unix socket. */
  TestDiscoveryServer(Path socket) throws IOException {
    this(
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(new EpollEventLoopGroup(1))
            .workerEventLoopGroup(new EpollEventLoopGroup(1)));
  }

  private TestDiscoveryServer(NettyServerBuilder builder) throws IOException {
    server = builder.addService(new Ads()).addService(new Sds()).build().start();
  }

  int port() {
    return server.getPort();
  }

  synchronized void put(TypeUrl type, String name, Message message) {
    resources
        .computeIfAbsent(type.url(), t -> new LinkedHashMap<>())
        .put(
            name, Any.newBuilder().setTypeUrl(type.url()).setValue(message.toByteString()).build());
    List.copyOf(open).forEach(stream -> stream.offer(type.url(), Set.of(name)));
  }

  /** What exists and is asked for. */
  private Map<String, Any> wanted(String type, Set<String> names) {
    Map<String, Any> all = new LinkedHashMap<>(resources.getOrDefault(type, Map.of()));
    if (!names.contains("*")) {
      all.keySet().retainAll(names);
    }
    return all;
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private abstract class Stream {
    final Map<String, Set<String>> names = new HashMap<>();

    abstract void send(String type, Map<String, Any> found);

    /** Sends those of the names that are asked for and exist. */
    void offer(String type, Set<String> changed) {
      Set<String> asked = names.get(type);
      if (asked == null) {
        return;
      }
      Map<String, Any> found = wanted(type, asked);
      if (!changed.contains("*")) {
        found.keySet().retainAll(changed);
      }
      if (!found.isEmpty()) {
        send(type, found);
      }
    }
  }

  private final class Delta extends Stream implements StreamObserver<DeltaDiscoveryRequest> {
    private final StreamObserver<DeltaDiscoveryResponse> out;

    Delta(StreamObserver<DeltaDiscoveryResponse> out) {
      this.out = out;
    }

    @Override
    void send(String type, Map<String, Any> found) {
      DeltaDiscoveryResponse.Builder response =
          DeltaDiscoveryResponse.newBuilder().setTypeUrl(type).setNonce("n" + ++nonce);
      found.forEach(
          (name, body) ->
              response.addResources(Resource.newBuilder().setName(name).setResource(body)));
      out.onNext(response.build());
    }

    @Override
    public void onNext(DeltaDiscoveryRequest request) {
      synchronized (TestDiscoveryServer.this) {
        if (request.hasErrorDetail()) {
          refusals.add(request.getErrorDetail().getMessage());
        }
        boolean first = !names.containsKey(request.getTypeUrl());
        Set<String> asked = names.computeIfAbsent(request.getTypeUrl(), t -> new LinkedHashSet<>());
        Set<String> fresh = new LinkedHashSet<>(request.getResourceNamesSubscribeList());
        if (first && fresh.isEmpty()) {
          fresh.add("*");
        }
        asked.addAll(fresh);
        request.getResourceNamesUnsubscribeList().forEach(asked::remove);
        offer(request.getTypeUrl(), fresh);
      }
    }

    @Override
    public void onError(Throwable gone) {
      synchronized (TestDiscoveryServer.this) {
        open.remove(this);
      }
    }

    @Override
    public void onCompleted() {
      synchronized (TestDiscoveryServer.this) {
        open.remove(this);
        out.onCompleted();
      }
    }
  }

  private final class Whole extends Stream implements StreamObserver<DiscoveryRequest> {
    private final StreamObserver<DiscoveryResponse> out;

    Whole(StreamObserver<DiscoveryResponse> out) {
      this.out = out;
    }

    @Override
    void send(String type, Map<String, Any> found) {
      nonce++;
      out.onNext(
          DiscoveryResponse.newBuilder()
              .setTypeUrl(type)
              .setNonce("n" + nonce)
              .setVersionInfo("v" + nonce)
              .addAllResources(found.values())
              .build());
    }

    @Override
    public void onNext(DiscoveryRequest request) {
      synchronized (TestDiscoveryServer.this) {
        if (request.hasErrorDetail()) {
          refusals.add(request.getErrorDetail().getMessage());
        }
        Set<String> asked = Set.copyOf(request.getResourceNamesList());
        Set<String> before = names.put(request.getTypeUrl(), asked);
        if (!asked.equals(before)) {
          offer(request.getTypeUrl(), asked);
        }
      }
    }

    @Override
    public void onError(Throwable gone) {
      synchronized (TestDiscoveryServer.this) {
        open.remove(this);
      }
    }

    @Override
    public void onCompleted() {
      synchronized (TestDiscoveryServer.this) {
        open.remove(this);
        out.onCompleted();
      }
    }
  }

  private <S extends Stream> S opened(S stream, String method) {
    synchronized (this) {
      streams.add(method);
      open.add(stream);
      return stream;
    }
  }

  private final class Ads
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> out) {
      return opened(new Delta(out), "DeltaAggregatedResources");
    }
  }

  private final class Sds extends SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(
        StreamObserver<DeltaDiscoveryResponse> out) {
      return opened(new Delta(out), "DeltaSecrets");
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> out) {
      return opened(new Whole(out), "StreamSecrets");
    }
  }
}
