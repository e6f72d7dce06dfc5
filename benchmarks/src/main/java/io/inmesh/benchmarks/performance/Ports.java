package io.inmesh.benchmarks.performance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Ports of one namespace.
 *
 * @param service what callers ask for; where the caller's Envoy listens
 * @param meshed where the server with Inmesh inside listens
 * @param sidecar where the server's Envoy listens
 * @param behindSidecar where that Envoy sends to
 * @param rawServer where the server listens that knows no mesh, with the mesh's TLS or not
 */
record Ports(int service, int meshed, int sidecar, int behindSidecar, int rawServer) {
  static Ports free(int behindSidecar, int rawServer) throws IOException {
    return new Ports(free(), free(), free(), behindSidecar, rawServer);
  }

  static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
