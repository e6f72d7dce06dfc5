package io.inmesh.envoy;

import java.nio.file.Path;

/**
 * The bootstrap of a plain Envoy on this machine that is a sidecar under the embedded control plane
 * (docs/control-plane.md).
 */
public final class SidecarBootstrap {
  private SidecarBootstrap() {}

  /**
   * @param ports JSON, as in POD_PORTS
   * @param token of the account
   * @param roots that the control plane's certificate leads to
   * @param port of the control plane on 127.0.0.1
   * @return JSON
   */
  public static String of(
      String namespace, String account, String ports, String token, Path roots, int port) {
    return """
        {"node": {"id": "sidecar~127.0.0.1~%1$s.%6$s~%6$s.svc.cluster.local", "cluster": "%1$s.%6$s",
          "metadata": {"NAMESPACE": "%6$s", "NAME": "%1$s", "SERVICE_ACCOUNT": "%1$s",
            "LABELS": {"app": "%1$s"}, "INSTANCE_IPS": "127.0.0.1", "CLUSTER_ID": "Kubernetes",
            "POD_PORTS": "%2$s", "INMESH_PROXY": "envoy", "INTERCEPTION_MODE": "NONE"}},
         "dynamic_resources": {
          "ads_config": {"api_type": "DELTA_GRPC", "transport_api_version": "V3",
            "set_node_on_first_message_only": true,
            "grpc_services": [{"envoy_grpc": {"cluster_name": "control-plane"},
              "initial_metadata": [{"key": "authorization", "value": "Bearer %3$s"}]}]},
          "lds_config": {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"},
          "cds_config": {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}},
         "static_resources": {"clusters": [{"name": "control-plane", "type": "STATIC",
          "connect_timeout": "5s",
          "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http2_protocol_options": {}}}},
          "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "istiod.istio-system.svc",
            "common_tls_context": {"validation_context": {
              "trusted_ca": {"filename": "%4$s"},
              "match_typed_subject_alt_names": [{"san_type": "DNS",
                "matcher": {"exact": "istiod.istio-system.svc"}}]}}}},
          "load_assignment": {"cluster_name": "control-plane", "endpoints": [{"lb_endpoints": [{
            "endpoint": {"address": {"socket_address": {
              "address": "127.0.0.1", "port_value": %5$d}}}}]}]}}]}}
        """
        .formatted(
            account, ports.replace("\"", "\\\""), token, roots.toAbsolutePath(), port, namespace);
  }
}
