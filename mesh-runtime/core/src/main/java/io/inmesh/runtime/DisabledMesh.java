package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;
import org.jspecify.annotations.Nullable;

/** Clients and servers come back untouched. */
final class DisabledMesh implements Mesh {
  private final @Nullable String why;

  /**
   * @param why for {@link #status()}; null: somebody wanted it so
   */
  DisabledMesh(@Nullable String why) {
    this.why = why;
  }

  @Override
  public <T> T wrap(Class<T> type, T target) {
    return target;
  }

  @Override
  public void bypass(String destination, boolean on) {}

  @Override
  public MeshStatus status() {
    return new MeshStatus(false, false, false, null, null, null, 0, null, why);
  }

  @Override
  public void leave() {}

  @Override
  public void close() {
    RunningMeshes.remove(this);
  }
}
