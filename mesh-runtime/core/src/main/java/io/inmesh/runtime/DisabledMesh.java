package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;

/** {@code inmesh.enabled=false}: clients and servers come back untouched. */
final class DisabledMesh implements Mesh {
  @Override
  public <T> T wrap(Class<T> type, T target) {
    return target;
  }

  @Override
  public void bypass(String destination, boolean on) {}

  @Override
  public MeshStatus status() {
    return new MeshStatus(false, false, false, null, null, 0, null);
  }

  @Override
  public void close() {}
}
