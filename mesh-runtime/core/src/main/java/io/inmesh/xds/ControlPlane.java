package io.inmesh.xds;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import java.io.IOException;

/**
 * A control plane and how to reach it. {@link ControlPlaneConnection} makes the usual ones. Called
 * on the configuration thread, before a stream is opened.
 */
public interface ControlPlane {
  /** A new channel; its user shuts it down. */
  ManagedChannel newChannel();

  /** Changes when the credentials inside a channel do; the next stream then gets a new channel. */
  default long generation() {
    return 0;
  }

  /**
   * Headers of one stream, made anew each time (tokens are renewed on disk).
   *
   * @throws IOException if one cannot be made now; it counts as a failed attempt
   */
  default Metadata headers() throws IOException {
    return new Metadata();
  }
}
