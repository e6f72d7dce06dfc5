package io.inmesh.spring.boot;

import io.inmesh.Mesh;
import org.springframework.context.SmartLifecycle;

/**
 * When the application stops, the control plane learns it first: nobody new is sent here while
 * Boot's graceful shutdown lets running requests end, and these may still call others. The mesh
 * itself closes with its bean, after the servers.
 */
final class MeshLifecycle implements SmartLifecycle {
  /** Before Boot's graceful shutdown, which is at {@code DEFAULT_PHASE - 1024}. */
  static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

  private final Mesh mesh;
  private volatile boolean running;

  MeshLifecycle(Mesh mesh) {
    this.mesh = mesh;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    mesh.leave();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** A context that is paused (as tests do with those they keep) stays in the mesh. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
