package io.inmesh.grpc;

import io.inmesh.MeshException;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningMeshes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Which mesh a target is of: the only one of the process, or one that its target names. */
final class Meshes {
  private static final Map<String, MeshServices> NAMED = new ConcurrentHashMap<>();
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private Meshes() {}

  /** The name of that mesh in targets, for as long as it runs. */
  static synchronized String name(MeshServices services) {
    for (Map.Entry<String, MeshServices> entry : NAMED.entrySet()) {
      if (entry.getValue() == services) {
        return entry.getKey();
      }
    }
    String name = "m" + NUMBERS.incrementAndGet();
    NAMED.put(name, services);
    services.onDrain(() -> NAMED.remove(name));
    return name;
  }

  /**
   * @param name null or empty: the only one
   * @return null: the mesh is switched off
   * @throws MeshException when there is none, or not only one
   */
  static @Nullable MeshServices find(@Nullable String name) {
    if (name == null || name.isEmpty()) {
      return MeshGrpc.of(RunningMeshes.only()).services;
    }
    MeshServices services = NAMED.get(name);
    if (services == null) {
      throw new MeshException(
          "mesh://" + name + "/ is of a mesh that is closed; applications write mesh:///host:port");
    }
    return services;
  }
}
