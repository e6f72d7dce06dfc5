package io.inmesh.runtime;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.inmesh.MeshException;
import io.inmesh.MeshSettingException;
import io.inmesh.Setting;
import io.inmesh.call.Exclusions;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.xds.ControlPlaneConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The connections to the control planes that the settings describe. Never enter the mesh. */
final class ControlPlanes {
  private ControlPlanes() {}

  /** The preferred one first, then its fallbacks. */
  static List<ControlPlaneConnection> all(Settings settings, IdentityStore identity) {
    List<ControlPlaneConnection> all = new ArrayList<>();
    all.add(of(settings, identity, settings.hostPort(Setting.CONTROL_PLANE)));
    for (Settings.HostPort fallback : settings.hostPorts(Setting.CONTROL_PLANE_FALLBACKS)) {
      all.add(of(settings, identity, fallback));
    }
    return all;
  }

  private static ControlPlaneConnection of(
      Settings settings, IdentityStore identity, Settings.HostPort address) {
    if (settings.flag(Setting.CONTROL_PLANE_PLAINTEXT)) {
      return ControlPlaneConnection.plaintext(address.host(), address.port())
          .clusterId(settings.require(Setting.CLUSTER_ID))
          .build();
    }
    Path roots = Path.of(settings.require(Setting.CONTROL_PLANE_ROOTS));
    if (!Files.isReadable(roots)) {
      throw new MeshSettingException(
          Setting.CONTROL_PLANE_ROOTS,
          "the control plane's roots cannot be read: "
              + roots
              + " ("
              + Setting.CONTROL_PLANE_ROOTS.key()
              + ")");
    }
    ControlPlaneConnection.Builder builder =
        ControlPlaneConnection.tls(
                address.host(), address.port(), () -> credentials(roots, identity))
            .credentialsGeneration(
                () -> {
                  WorkloadIdentity now = identity.current();
                  return now == null ? 0 : now.keyGeneration() * 1_000_003L + now.trustGeneration();
                })
            .clusterId(settings.require(Setting.CLUSTER_ID));
    String serverName = settings.text(Setting.CONTROL_PLANE_SERVER_NAME);
    if (serverName != null) {
      builder.serverName(serverName);
    }
    String token = settings.text(Setting.TOKEN_FILE);
    if (token != null && Files.exists(Path.of(token))) {
      builder.bearerTokenFile(Path.of(token));
    }
    return builder.build();
  }

  /**
   * A server of secrets on this machine, in plaintext.
   *
   * @param target {@code unix:/path} or {@code host:port}
   * @throws IllegalStateException if it is elsewhere
   */
  static ControlPlaneConnection local(String target) {
    if (target.startsWith("unix:")) {
      return ControlPlaneConnection.unix(target.substring("unix:".length())).build();
    }
    int colon = target.lastIndexOf(':');
    String host = target.substring(0, colon);
    if (!Exclusions.isLoopback(host)) {
      throw new IllegalStateException(
          "secrets are not fetched from " + target + ": keys would travel in clear");
    }
    return ControlPlaneConnection.plaintext(host, Integer.parseInt(target.substring(colon + 1)))
        .build();
  }

  /** Our certificate is shown as soon as there is one: then the token may be missing. */
  private static ChannelCredentials credentials(Path roots, IdentityStore identity) {
    try {
      TlsChannelCredentials.Builder builder =
          TlsChannelCredentials.newBuilder().trustManager(roots.toFile());
      WorkloadIdentity now = identity.current();
      if (now != null) {
        builder.keyManager(now.keyManager());
      }
      return builder.build();
    } catch (IOException e) {
      throw new MeshException("the control plane's roots cannot be read: " + roots + ": " + e, e);
    }
  }
}
