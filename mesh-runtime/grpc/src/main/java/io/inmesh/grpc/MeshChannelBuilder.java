package io.inmesh.grpc;

import io.grpc.ForwardingChannelBuilder2;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.internal.GrpcUtil;

/** Tells the mesh what routes may ask for and only the builder knows. */
final class MeshChannelBuilder extends ForwardingChannelBuilder2<MeshChannelBuilder> {
  /** What the application calls itself; grpc-java adds its own name. */
  static final NameResolver.Args.Key<String> USER_AGENT =
      NameResolver.Args.Key.create("io.inmesh.grpc.user-agent");

  private final ManagedChannelBuilder<?> builder;

  MeshChannelBuilder(ManagedChannelBuilder<?> builder) {
    this.builder = builder;
  }

  @Override
  protected ManagedChannelBuilder<?> delegate() {
    return builder;
  }

  @Override
  public MeshChannelBuilder userAgent(String userAgent) {
    setNameResolverArg(USER_AGENT, userAgent);
    return super.userAgent(userAgent);
  }

  /** The header as the transport will write it. All of {@code GrpcUtil} that is used is here. */
  static String header(@org.jspecify.annotations.Nullable String application) {
    return GrpcUtil.getGrpcUserAgent("netty", application);
  }
}
