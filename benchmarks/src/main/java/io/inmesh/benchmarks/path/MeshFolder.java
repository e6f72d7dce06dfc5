package io.inmesh.benchmarks.path;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of both meshed arms: one namespace each, alike but for mTLS. */
final class MeshFolder {
  private MeshFolder() {}

  static Path write(Path work) throws IOException {
    Path folder = Files.createDirectories(work.resolve("mesh"));
    for (Arm arm : Arm.values()) {
      if (arm.meshed()) {
        Files.writeString(folder.resolve(arm.namespace() + ".yaml"), yaml(arm));
      }
    }
    return folder;
  }

  /** A service, a route with retries, a policy that is asked for every request. */
  private static String yaml(Arm arm) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: echo, namespace: NS}
        spec:
          hosts: [echo.NS.svc.cluster.local]
          addresses: [ADDRESS]
          location: MESH_INTERNAL
          resolution: STATIC
          ports:
          - {number: 8080, name: http, protocol: HTTP}
          workloadSelector: {labels: {app: server}}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: server, namespace: NS}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: client, namespace: NS}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: echo, namespace: NS}
        spec:
          hosts: [echo.NS.svc.cluster.local]
          http:
          - match: [{uri: {prefix: /other/}}]
            route:
            - destination: {host: echo.NS.svc.cluster.local}
          - route:
            - destination: {host: echo.NS.svc.cluster.local}
            retries: {attempts: 2, retryOn: "connect-failure,refused-stream,reset,503"}
            timeout: 10s
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: NS}
        spec:
          mtls: {mode: MODE}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no-admin, namespace: NS}
        spec:
          action: DENY
          rules:
          - to:
            - operation: {paths: ["/admin/*"]}
        """
        .replace("NS", arm.namespace())
        .replace("ADDRESS", arm.tls() ? "10.96.0.11" : "10.96.0.10")
        .replace("MODE", arm.tls() ? "STRICT" : "DISABLE");
  }
}
