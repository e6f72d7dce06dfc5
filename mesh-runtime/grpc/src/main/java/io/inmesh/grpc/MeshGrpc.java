package io.inmesh.grpc;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.inmesh.Mesh;
import io.inmesh.grpc.server.MeshServerBuilder;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningMeshes;
import org.jspecify.annotations.Nullable;

/**
 * gRPC through the mesh. A channel is grpc-java's own, with whatever its builder can do; its target
 * is a name of the mesh, and each of its RPCs is routed, balanced, retried and secured as a sidecar
 * would have done it. Thread-safe.
 *
 * <pre>{@code
 * ManagedChannel channel = MeshGrpc.channelFor("reviews.shop:9090");
 * }</pre>
 *
 * <p>Methods without a {@link Mesh} are for processes that run one. With {@code
 * inmesh.enabled=false} channels are plaintext ones to what DNS says.
 */
public final class MeshGrpc {
  /** Of a mesh that is switched off: channels and servers stay what grpc-java makes. */
  static final MeshGrpc OFF = new MeshGrpc(null);

  /** Null: the mesh is switched off. */
  final @Nullable MeshServices services;

  MeshGrpc(@Nullable MeshServices services) {
    this.services = services;
  }

  static MeshGrpc of(Mesh mesh) {
    return mesh.wrap(MeshGrpc.class, OFF);
  }

  // ---- clients

  /**
   * A channel to a service of the mesh, as the application names it: {@code reviews.shop:9090}. The
   * caller shuts it down.
   *
   * @throws io.inmesh.MeshException when no mesh runs, or more than one
   */
  public static ManagedChannel channelFor(String hostAndPort) {
    return builderFor(hostAndPort).build();
  }

  /** The same, of one of several meshes. */
  public static ManagedChannel channelFor(Mesh mesh, String hostAndPort) {
    return builderFor(mesh, hostAndPort).build();
  }

  /**
   * The same, to be finished by the application: interceptors, executor, limits of messages.
   * grpc-java's own retries are off, since the mesh's are in their place.
   *
   * @throws io.inmesh.MeshException when no mesh runs, or more than one
   */
  public static ManagedChannelBuilder<?> builderFor(String hostAndPort) {
    return builderFor(RunningMeshes.only(), hostAndPort);
  }

  /** The same, of one of several meshes. */
  public static ManagedChannelBuilder<?> builderFor(Mesh mesh, String hostAndPort) {
    MeshServices services = of(mesh).services;
    if (services == null) {
      return Grpc.newChannelBuilder("dns:///" + hostAndPort, MeshChannelCredentials.PLAINTEXT);
    }
    String target =
        MeshNameResolverProvider.SCHEME + "://" + Meshes.name(services) + "/" + hostAndPort;
    return new MeshChannelBuilder(
        Grpc.newChannelBuilder(target, MeshChannelCredentials.create()).disableRetry());
  }

  // ---- servers

  /**
   * A server whose port follows the mesh: STRICT, PERMISSIVE or DISABLE as configured now, policy
   * before any interceptor of the application. Give it services and build it.
   *
   * @param builder of grpc-netty or grpc-netty-shaded, without TLS of its own
   * @return the meshed form; with {@code inmesh.enabled=false} the builder as it is
   * @throws io.inmesh.MeshException when no mesh runs, or more than one, or this server cannot be
   *     meshed
   */
  public static ServerBuilder<?> server(ServerBuilder<?> builder) {
    return server(RunningMeshes.only(), builder);
  }

  /** The same, of one of several meshes. */
  public static ServerBuilder<?> server(Mesh mesh, ServerBuilder<?> builder) {
    MeshServices services = of(mesh).services;
    return services == null ? builder : MeshServerBuilder.of(builder, services);
  }
}
