package io.inmesh.grpc;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;
import io.inmesh.runtime.MeshServices;
import org.jspecify.annotations.Nullable;

/** A mesh of given parts, for tests; null: one that is switched off. */
record MeshOf(@Nullable MeshServices services) implements Mesh {
  @Override
  public <T> T wrap(Class<T> type, T target) {
    return services == null ? target : type.cast(new GrpcAdapter().wrap(MeshGrpc.OFF, services));
  }

  @Override
  public void bypass(String destination, boolean on) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MeshStatus status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void leave() {}

  @Override
  public void close() {}
}
