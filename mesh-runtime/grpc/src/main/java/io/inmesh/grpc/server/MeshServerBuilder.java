package io.inmesh.grpc.server;

import io.grpc.ForwardingServerBuilder;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.inmesh.MeshException;
import io.inmesh.runtime.MeshServices;
import java.io.File;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds a gRPC server whose port follows the mesh: STRICT, PERMISSIVE or DISABLE as configured
 * now, policy before any interceptor of the application. Settings of the transport (flow control,
 * keep-alive, event loops) are made on the builder that was handed over; what every {@link
 * ServerBuilder} has, on this one. Interceptors that are added to the other one afterwards run
 * before the mesh.
 */
public final class MeshServerBuilder extends ForwardingServerBuilder<MeshServerBuilder> {
  private final ServerBuilder<?> builder;
  private final UnknownMethods unknown = new UnknownMethods();
  private final Drain drain;
  private final MeshServerInterceptor mesh;

  private MeshServerBuilder(ServerBuilder<?> builder, MeshServices services) {
    this.builder = builder;
    this.drain = new Drain(services);
    this.mesh = new MeshServerInterceptor(services, drain);
    builder.intercept(mesh);
    builder.addTransportFilter(drain);
    builder.addStreamTracerFactory(new CallersDeadline());
    builder.fallbackHandlerRegistry(unknown);
  }

  /**
   * Meshes that builder, in place: a server that it builds itself is guarded as well.
   *
   * @param builder of grpc-netty or grpc-netty-shaded, without TLS of its own
   * @throws MeshException it is of another transport, or has TLS of its own
   */
  public static MeshServerBuilder of(ServerBuilder<?> builder, MeshServices services) {
    if (builder instanceof MeshServerBuilder meshed) {
      return meshed;
    }
    if (!Transports.secure(builder, new Arrivals(services))) {
      throw new MeshException(
          "a gRPC server made by "
              + builder.getClass().getName()
              + " cannot be meshed: the mesh ends TLS in grpc-netty and grpc-netty-shaded only; use"
              + " a NettyServerBuilder of one of them");
    }
    return new MeshServerBuilder(builder, services);
  }

  @Override
  protected ServerBuilder<?> delegate() {
    return builder;
  }

  /** Runs after the mesh, and before the interceptors that were added earlier. */
  @Override
  public MeshServerBuilder intercept(ServerInterceptor interceptor) {
    mesh.then(interceptor);
    return this;
  }

  @Override
  public MeshServerBuilder fallbackHandlerRegistry(@Nullable HandlerRegistry registry) {
    unknown.use(registry);
    return this;
  }

  /** Not here: the mesh brings the TLS. */
  @Override
  public MeshServerBuilder useTransportSecurity(File certChain, File privateKey) {
    throw ownTls();
  }

  /** Not here: the mesh brings the TLS. */
  @Override
  public MeshServerBuilder useTransportSecurity(InputStream certChain, InputStream privateKey) {
    throw ownTls();
  }

  private static MeshException ownTls() {
    return new MeshException("a meshed gRPC server has no TLS of its own: the mesh brings it");
  }

  /** When the mesh closes, this server shuts down: GOAWAY, and the RPCs that run may end. */
  @Override
  public Server build() {
    Server server = builder.build();
    drain.of(server);
    return server;
  }
}
