package io.inmesh;

import java.util.ServiceLoader;

/**
 * A running mesh: the process is a workload, as it would be with a sidecar beside it. Thread-safe.
 * One for a process is usual; several are several workloads.
 */
public interface Mesh extends AutoCloseable {

  /**
   * Starts the mesh: identity, configuration, then the application's calls and ports follow it.
   *
   * @throws MeshException when a setting is missing or wrong, a library on the class path is unfit,
   *     or nothing arrived within {@link Setting#START_LIMIT} and {@link
   *     MeshConfig.OnStartLimit#FAIL} is set
   */
  static Mesh start(MeshConfig config) {
    return ServiceLoader.load(MeshRuntimeProvider.class)
        .findFirst()
        .orElseThrow(
            () ->
                new MeshException(
                    "no Inmesh runtime on the class path: add io.inmesh:inmesh-runtime beside"
                        + " inmesh-api"))
        .start(config);
  }

  /** Starts with {@link MeshConfig#load()}: system properties, environment, file. */
  static Mesh start() {
    return start(MeshConfig.load());
  }

  /**
   * The meshed form of a client or server: {@code mesh.wrap(OkHttpClient.class, client)}. Switched
   * off by {@code inmesh.enabled=false} it gives back what it was given.
   *
   * @throws MeshException when no adapter on the class path wraps that type
   */
  <T> T wrap(Class<T> type, T target);

  /**
   * The kill switch: from the next call on, calls to that destination go out as if there were no
   * mesh (in clear, without policy), or through the mesh again. For when the mesh itself is the
   * trouble; inbound policy is not touched.
   *
   * @param destination {@code host}, {@code host:port}, a CIDR range, or {@code *} for every one
   * @throws MeshException when it is none of these
   */
  void bypass(String destination, boolean on);

  /** What the mesh knows of itself now. */
  MeshStatus status();

  /**
   * Says goodbye to the control plane, so that nobody new is sent here; all else goes on, with the
   * configuration that is in force, until {@link #close()}. For frameworks that drain their servers
   * themselves. Idempotent; there is no way back.
   */
  void leave();

  /**
   * Drains: servers stop taking requests and finish those that run, then streams and identity end.
   * Idempotent.
   */
  @Override
  void close();
}
