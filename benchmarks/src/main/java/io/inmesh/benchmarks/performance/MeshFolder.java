package io.inmesh.benchmarks.performance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The configuration of every namespace: three services that differ only in what serves them, the
 * same policies for all of them.
 */
final class MeshFolder {
  /** Routes before the one that is taken, and paths of the policy before the one that allows. */
  static final int MANY = 1_000;

  /** There is one server of mTLS without a mesh; its certificate is of this namespace. */
  static final String RAW_SERVER_NAMESPACE = new Arm(Way.RAW, true, false).namespace();

  private MeshFolder() {}

  /**
   * @param arm any of its namespace
   * @param ports of that namespace
   */
  static void write(Path folder, Arm arm, Ports ports) throws IOException {
    Files.createDirectories(folder);
    StringBuilder yaml = new StringBuilder();
    yaml.append(service("inmesh", "workloadSelector: {labels: {app: inmesh-server}}", ports));
    yaml.append(service("sidecar", "workloadSelector: {labels: {app: sidecar-server}}", ports));
    yaml.append(
        service(
            "raw",
            "endpoints: [{address: 127.0.0.1, ports: {http: %d}, serviceAccount: server}]"
                .formatted(ports.rawServer()),
            ports));
    yaml.append(accounts(List.of("client", "server", "sidecar-client", "sidecar-server")));
    yaml.append(security(arm)).append(sidecars(ports));
    if (arm.features()) {
      for (String service : List.of("inmesh", "sidecar", "raw")) {
        yaml.append(routes(service));
      }
      yaml.append(policy());
    }
    Files.writeString(
        folder.resolve(arm.namespace() + ".yaml"),
        yaml.toString().replace("NAMESPACE", arm.namespace()));
  }

  private static String service(String name, String endpoints, Ports ports) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s, namespace: NAMESPACE}
        spec:
          hosts: [%1$s.NAMESPACE.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: %2$d, name: http, protocol: HTTP}]
          %3$s
        """
        .formatted(name, ports.service(), endpoints);
  }

  private static String accounts(List<String> names) {
    StringBuilder yaml = new StringBuilder();
    for (String name : names) {
      yaml.append(
          """
          ---
          apiVersion: v1
          kind: ServiceAccount
          metadata: {name: %s, namespace: NAMESPACE}
          """
              .formatted(name));
    }
    return yaml.toString();
  }

  /**
   * The raw server has no proxy that would say that it speaks mTLS; its JSSE takes no server names
   * with underscores, as the mesh has them.
   */
  private static String security(Arm arm) {
    return """
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: NAMESPACE}
        spec: {mtls: {mode: %s}}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: raw, namespace: NAMESPACE}
        spec:
          host: raw.NAMESPACE.svc.cluster.local
          trafficPolicy: {tls: {mode: %s}}
        """
        .formatted(
            arm.mtls() ? "STRICT" : "DISABLE",
            arm.mtls()
                ? "ISTIO_MUTUAL, sni: raw.server, subjectAltNames: [\"spiffe://cluster.local/ns/%s/sa/server\"]"
                    .formatted(RAW_SERVER_NAMESPACE)
                : "DISABLE");
  }

  private static String sidecars(Ports ports) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: sidecar-server, namespace: NAMESPACE}
        spec:
          workloadSelector: {labels: {app: sidecar-server}}
          ingress:
          - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%d"}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: sidecar-client, namespace: NAMESPACE}
        spec:
          workloadSelector: {labels: {app: sidecar-client}}
          egress:
          - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./*"]}
        """
        .formatted(ports.sidecar(), ports.behindSidecar(), ports.service());
  }

  /** The route that is taken is the last. */
  private static String routes(String service) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %1$s, namespace: NAMESPACE}
        spec:
          hosts: [%1$s.NAMESPACE.svc.cluster.local]
          http:
        """
            .formatted(service));
    for (int i = 0; i < MANY - 1; i++) {
      yaml.append(
          """
            - match: [{uri: {prefix: /other/%d/}}]
              route: [{destination: {host: %s.NAMESPACE.svc.cluster.local}}]
          """
              .formatted(i, service));
    }
    yaml.append(
        """
          - route: [{destination: {host: %s.NAMESPACE.svc.cluster.local}}]
            retries: {attempts: 2, retryOn: "connect-failure,refused-stream,reset,503", perTryTimeout: 5s}
            timeout: 10s
        """
            .formatted(service));
    return yaml.toString();
  }

  /** The path that allows is the last. */
  private static String policy() {
    StringBuilder paths = new StringBuilder();
    for (int i = 0; i < MANY - 1; i++) {
      paths.append("/other/").append(i).append("/*, ");
    }
    return """
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: paths, namespace: NAMESPACE}
        spec:
          action: ALLOW
          rules:
          - to: [{operation: {methods: [GET], paths: [%s/echo/*]}}]
        """
        .formatted(paths);
  }
}
