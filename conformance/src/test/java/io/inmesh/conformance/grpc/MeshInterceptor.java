package io.inmesh.conformance.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.inmesh.runtime.MeshServices;
import io.inmesh.upstream.Host;
import java.util.function.Function;

/**
 * Makes each RPC a call of the engine.
 *
 * @param authority what the application called
 * @param channels a channel for each host: the directory that a load balancer will be
 * @param replayLimit gRPC's perRpcBufferLimit, in bytes
 */
record MeshInterceptor(
    MeshServices services, String authority, Function<Host, Channel> channels, long replayLimit)
    implements ClientInterceptor {

  @Override
  public <Q, P> ClientCall<Q, P> interceptCall(
      MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
    return new MeshClientCall<>(this, method, options);
  }
}
