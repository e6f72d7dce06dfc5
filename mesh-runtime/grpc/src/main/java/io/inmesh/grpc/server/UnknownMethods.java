package io.inmesh.grpc.server;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets policy see RPCs whose method nobody implements: gRPC would answer them before any
 * interceptor. The application's own interceptors do not see them, as ever.
 */
final class UnknownMethods extends HandlerRegistry {
  private static final MethodDescriptor.Marshaller<InputStream> UNREAD =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(InputStream value) {
          return value;
        }

        @Override
        public InputStream parse(InputStream stream) {
          return stream;
        }
      };

  private volatile @Nullable HandlerRegistry own;

  /**
   * @param registry the application's, which is asked first; null: it has none
   */
  void use(@Nullable HandlerRegistry registry) {
    own = registry;
  }

  @Override
  public List<ServerServiceDefinition> getServices() {
    HandlerRegistry first = own;
    return first == null ? List.of() : first.getServices();
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
    HandlerRegistry first = own;
    ServerMethodDefinition<?, ?> found = first == null ? null : first.lookupMethod(name, authority);
    return found != null
        ? found
        : ServerMethodDefinition.create(
            MethodDescriptor.<InputStream, InputStream>newBuilder()
                .setType(MethodDescriptor.MethodType.UNKNOWN)
                .setFullMethodName(name)
                .setRequestMarshaller(UNREAD)
                .setResponseMarshaller(UNREAD)
                .build(),
            (call, headers) -> answer(call));
  }

  static boolean isUnknown(ServerCall<?, ?> call) {
    return call.getMethodDescriptor().getRequestMarshaller() == UNREAD;
  }

  /** In gRPC's own words. */
  static <Q> ServerCall.Listener<Q> answer(ServerCall<Q, ?> call) {
    String name = call.getMethodDescriptor().getFullMethodName();
    call.close(Status.UNIMPLEMENTED.withDescription("Method not found: " + name), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
