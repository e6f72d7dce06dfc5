package io.inmesh.grpc.server;

import io.inmesh.MeshException;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * The TLS that a Netty server's builder was given: none, or it cannot be meshed. A builder made
 * with credentials takes no other negotiator by its methods, so its field is set; both Nettys'
 * builders name it alike.
 */
final class ServerSecurity {
  private static final String PLAINTEXT = "PlaintextProtocolNegotiatorServerFactory";

  private final Object builder;
  private final @Nullable Field factory;
  private final boolean fixed;

  private ServerSecurity(Object builder, @Nullable Field factory, boolean fixed) {
    this.builder = builder;
    this.factory = factory;
    this.fixed = fixed;
  }

  /**
   * @throws MeshException the server has TLS of its own
   */
  static ServerSecurity of(Object builder, Class<?> type) {
    Field factory;
    boolean fixed;
    Object now;
    try {
      factory = type.getDeclaredField("protocolNegotiatorFactory");
      factory.setAccessible(true);
      Field freeze = type.getDeclaredField("freezeProtocolNegotiatorFactory");
      freeze.setAccessible(true);
      now = factory.get(builder);
      fixed = freeze.getBoolean(builder);
    } catch (ReflectiveOperationException | RuntimeException unknownVersion) {
      return new ServerSecurity(builder, null, false); // protocolNegotiator() says if it is fixed
    }
    if (!now.getClass().getSimpleName().equals(PLAINTEXT)) {
      throw new MeshException(
          "this gRPC server has TLS of its own ("
              + now.getClass().getSimpleName()
              + "); the mesh brings the TLS: build it with InsecureServerCredentials, or leave it"
              + " unmeshed");
    }
    return new ServerSecurity(builder, factory, fixed);
  }

  /** Whether the builder was made with credentials. */
  boolean fixed() {
    return fixed;
  }

  void replace(Object negotiators) {
    try {
      if (factory != null) {
        factory.set(builder, negotiators);
      }
    } catch (IllegalAccessException e) {
      throw new MeshException(
          "this version of grpc-netty does not let the mesh bring the TLS of a server made with"
              + " ServerCredentials: use NettyServerBuilder.forPort(port)",
          e);
    }
  }
}
