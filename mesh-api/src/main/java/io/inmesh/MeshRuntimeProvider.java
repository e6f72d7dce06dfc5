package io.inmesh;

/** How {@link Mesh#start} finds the runtime; for the runtime, not for applications. */
public interface MeshRuntimeProvider {
  Mesh start(MeshConfig config);
}
