package io.inmesh.grpc;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;

/** How {@link MeshGrpc} gets at the mesh. */
public final class GrpcAdapter implements MeshAdapter<MeshGrpc> {
  @Override
  public Class<MeshGrpc> type() {
    return MeshGrpc.class;
  }

  @Override
  public MeshGrpc wrap(MeshGrpc target, MeshServices services) {
    return new MeshGrpc(services);
  }
}
