package io.inmesh.controlplane.config;

import java.util.List;

/** Everything that is in force, in the order of the files' names. Immutable. */
public record MeshConfig(List<MeshObject> objects) {
  public static final MeshConfig EMPTY = new MeshConfig(List.of());

  /** Objects of one kind. */
  public <T extends MeshObject> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
