package io.inmesh.conformance.sidecars;

import io.inmesh.controlplane.ControlPlane;
import io.inmesh.envoy.RealEnvoy;
import io.inmesh.envoy.SidecarBootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A plain Envoy as a sidecar of the shop. */
final class EnvoySidecar {
  private EnvoySidecar() {}

  /**
   * @param ports JSON, as in POD_PORTS
   */
  static RealEnvoy start(ControlPlane plane, String account, String ports, Path work)
      throws IOException {
    String token = Files.readString(plane.tokenFile(Shop.NAMESPACE, account)).strip();
    return RealEnvoy.start(
        SidecarBootstrap.of(
            Shop.NAMESPACE, account, ports, token, plane.rootCertificate(), plane.port()),
        work);
  }
}
