package io.inmesh.telemetry;

import io.inmesh.config.PeerMetadata;

/** Istio's standard labels, as its {@code istio_stats} filter fills them. */
final class IstioLabels {
  static final String UNKNOWN = "unknown";
  private static final String SPIFFE = "spiffe://";

  private IstioLabels() {}

  static Labels of(IstioKey key) {
    Labels labels = Labels.of("reporter", key.inbound() ? "destination" : "source");
    PeerMetadata self = key.self();
    PeerMetadata peer = key.peer();
    String peerNamespace = known(namespace(key.peerPrincipal(), peer.namespace()));
    labels =
        key.inbound()
            ? server(labels, key, self, peer, peerNamespace)
            : client(labels, key, self, peer, peerNamespace);
    return labels
        .and("request_protocol", key.grpc() ? "grpc" : "http")
        .and("response_code", Integer.toString(key.status()))
        .and("grpc_response_status", key.grpcStatus())
        .and("response_flags", key.flags())
        .and("connection_security_policy", security(key));
  }

  private static Labels client(
      Labels labels, IstioKey key, PeerMetadata self, PeerMetadata peer, String peerNamespace) {
    Labels source = source(labels, self, known(self.namespace()), known(key.localPrincipal()));
    return destination(
        source,
        peer,
        peerNamespace,
        known(key.peerPrincipal()),
        known(key.service()),
        known(key.serviceName()),
        peerNamespace);
  }

  private static Labels server(
      Labels labels, IstioKey key, PeerMetadata self, PeerMetadata peer, String peerNamespace) {
    Labels source = source(labels, peer, peerNamespace, known(key.peerPrincipal()));
    String canonical = known(self.canonicalService());
    return destination(
        source,
        self,
        known(self.namespace()),
        known(key.localPrincipal()),
        key.service().isEmpty() ? canonical : key.service(),
        key.serviceName().isEmpty() ? canonical : key.serviceName(),
        known(self.namespace()));
  }

  private static Labels source(Labels labels, PeerMetadata of, String namespace, String principal) {
    return labels
        .and("source_workload", known(of.workload()))
        .and("source_canonical_service", known(of.canonicalService()))
        .and("source_canonical_revision", revision(of))
        .and("source_workload_namespace", namespace)
        .and("source_principal", principal)
        .and("source_app", known(of.app()))
        .and("source_version", known(of.version()))
        .and("source_cluster", known(of.cluster()));
  }

  private static Labels destination(
      Labels labels,
      PeerMetadata of,
      String namespace,
      String principal,
      String service,
      String serviceName,
      String serviceNamespace) {
    return labels
        .and("destination_workload", known(of.workload()))
        .and("destination_workload_namespace", namespace)
        .and("destination_principal", principal)
        .and("destination_app", known(of.app()))
        .and("destination_version", known(of.version()))
        .and("destination_service", service)
        .and("destination_canonical_service", known(of.canonicalService()))
        .and("destination_canonical_revision", revision(of))
        .and("destination_service_name", serviceName)
        .and("destination_service_namespace", serviceNamespace)
        .and("destination_cluster", known(of.cluster()));
  }

  /** Only a server knows: a client's TLS may end anywhere. */
  private static String security(IstioKey key) {
    if (!key.inbound()) {
      return UNKNOWN;
    }
    return key.peerPrincipal().isEmpty() || key.localPrincipal().isEmpty() ? "none" : "mutual_tls";
  }

  /** A certificate is believed before what the peer says. */
  private static String namespace(String principal, String told) {
    if (principal.startsWith(SPIFFE)) {
      int from = principal.indexOf("/ns/");
      int to = from < 0 ? -1 : principal.indexOf('/', from + 4);
      if (to > 0) {
        return principal.substring(from + 4, to);
      }
    }
    return told;
  }

  private static String known(String value) {
    return value.isEmpty() ? UNKNOWN : value;
  }

  private static String revision(PeerMetadata of) {
    return of.canonicalRevision().isEmpty() ? "latest" : of.canonicalRevision();
  }
}
