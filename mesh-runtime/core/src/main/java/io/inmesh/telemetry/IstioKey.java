package io.inmesh.telemetry;

import io.inmesh.config.PeerMetadata;
import java.util.List;

/**
 * All that Istio's labels are made of, but for what this process is itself.
 *
 * @param self this workload
 * @param peer the other side
 * @param service {@code destination_service}; empty: not known
 * @param serviceName {@code destination_service_name}; empty: not known
 * @param flags as the access log shows them
 * @param peerPrincipal SPIFFE name of the peer's certificate; empty: none
 * @param localPrincipal of the certificate that was shown; empty: none
 * @param dimensions what Telemetry adds
 */
record IstioKey(
    boolean inbound,
    PeerMetadata self,
    PeerMetadata peer,
    String service,
    String serviceName,
    boolean grpc,
    int status,
    String grpcStatus,
    String flags,
    String peerPrincipal,
    String localPrincipal,
    List<String> dimensions) {}
