package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The meshes of this process that were started and not closed, switched-off ones too: for adapters
 * of libraries that make clients from a name alone. Thread-safe.
 */
public final class RunningMeshes {
  private static final List<Mesh> RUNNING = new CopyOnWriteArrayList<>();

  private RunningMeshes() {}

  static Mesh add(Mesh mesh) {
    RUNNING.add(mesh);
    return mesh;
  }

  static void remove(Mesh mesh) {
    RUNNING.remove(mesh);
  }

  /**
   * The mesh, where there is one, as is usual.
   *
   * @throws MeshException when there is none or more than one, saying what to do
   */
  public static Mesh only() {
    List<Mesh> now = List.copyOf(RUNNING);
    if (now.size() == 1) {
      return now.get(0);
    }
    throw new MeshException(
        now.isEmpty()
            ? "no mesh runs in this process: call Mesh.start(...) first"
            : now.size()
                + " meshes run in this process: say which, by the method that takes the Mesh");
  }
}
