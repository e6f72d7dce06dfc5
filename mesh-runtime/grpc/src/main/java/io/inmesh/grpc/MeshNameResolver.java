package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.InternalConfigSelector;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.inmesh.MeshException;
import io.inmesh.runtime.MeshServices;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Resolves nothing: it puts the mesh in the way of each RPC (all of {@code InternalConfigSelector}
 * that this module uses is here), and names the directory as load balancer.
 */
final class MeshNameResolver extends NameResolver {
  private final @Nullable String mesh;
  private final String authority;
  private final Args args;
  private @Nullable Listener2 listener;
  private @Nullable MeshTarget target;

  /** In place of the mesh, when it is switched off. */
  private @Nullable NameResolver plain;

  MeshNameResolver(@Nullable String mesh, String authority, Args args) {
    this.mesh = mesh;
    this.authority = authority;
    this.args = args;
  }

  @Override
  public String getServiceAuthority() {
    return authority;
  }

  @Override
  public void start(Listener2 to) {
    listener = to;
    resolve();
  }

  /** Asked for when there was no mesh yet. */
  @Override
  public void refresh() {
    if (plain != null) {
      plain.refresh();
    } else if (target == null) {
      resolve();
    }
  }

  private void resolve() {
    Listener2 to = Objects.requireNonNull(listener);
    MeshServices services;
    try {
      services = Meshes.find(mesh);
    } catch (MeshException e) {
      to.onResult2(
          ResolutionResult.newBuilder()
              .setAddressesOrError(
                  StatusOr.fromStatus(
                      Status.UNAVAILABLE.withDescription("inmesh: " + e.getMessage())))
              .build());
      return;
    }
    if (services == null) {
      NameResolver dns =
          NameResolverRegistry.getDefaultRegistry()
              .asFactory()
              .newNameResolver(URI.create("dns:///" + authority), args);
      plain = Objects.requireNonNull(dns);
      plain.start(to);
      return;
    }
    MeshTarget made =
        new MeshTarget(
            services,
            authority,
            MeshChannelBuilder.header(args.getArg(MeshChannelBuilder.USER_AGENT)),
            args.getSynchronizationContext());
    target = made;
    ConfigOrError config =
        args.getServiceConfigParser()
            .parseServiceConfig(
                Map.of("loadBalancingConfig", List.of(Map.of(DirectoryProvider.POLICY, Map.of()))));
    to.onResult2(
        ResolutionResult.newBuilder()
            .setAddressesOrError(StatusOr.fromValue(List.of()))
            .setServiceConfig(config)
            .setAttributes(
                Attributes.newBuilder()
                    .set(MeshTarget.KEY, made)
                    .set(
                        InternalConfigSelector.KEY,
                        new Selector(Objects.requireNonNull(config.getConfig()), made))
                    .build())
            .build());
  }

  @Override
  public void shutdown() {
    if (plain != null) {
      plain.shutdown();
    }
    MeshTarget made = target;
    if (made != null) {
      made.shutdown();
    }
  }

  private static final class Selector extends InternalConfigSelector {
    private final Result result;

    Selector(Object config, MeshTarget target) {
      result =
          Result.newBuilder().setConfig(config).setInterceptor(new Interceptor(target)).build();
    }

    @Override
    public Result selectConfig(PickSubchannelArgs args) {
      return result;
    }
  }

  private record Interceptor(MeshTarget target) implements ClientInterceptor {
    @Override
    public <Q, P> ClientCall<Q, P> interceptCall(
        MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
      return new MeshCall<>(target, method, options, next);
    }
  }
}
