package io.inmesh.grpc;

import io.inmesh.Mesh;
import io.inmesh.runtime.MeshServices;
import org.jspecify.annotations.Nullable;

/** gRPC through the mesh. */
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

  // ---- servers: io.inmesh.grpc.server, with of(mesh).services
}
