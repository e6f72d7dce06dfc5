package io.inmesh.grpc.server;

import io.grpc.ServerBuilder;
import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;

/** Meshes a gRPC server before it is built; see {@link MeshServerBuilder}. */
@SuppressWarnings("rawtypes")
public final class GrpcServerAdapter implements MeshAdapter<ServerBuilder> {
  @Override
  public Class<ServerBuilder> type() {
    return ServerBuilder.class;
  }

  @Override
  public ServerBuilder wrap(ServerBuilder target, MeshServices services) {
    return MeshServerBuilder.of(target, services);
  }
}
