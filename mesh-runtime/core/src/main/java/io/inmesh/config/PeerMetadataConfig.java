package io.inmesh.config;

/**
 * A compiled {@code io.istio.http.peer_metadata.Config}: which side of the exchange of metadata is
 * spoken. Discovery by workload (ambient) finds nothing here: no such resource is asked for.
 *
 * @param name of the filter
 * @param discoverHeaders {@code *_discovery} names {@code istio_headers}: they are read and taken
 *     away
 * @param discoverBaggage {@code *_discovery} names {@code baggage}: read, and left
 * @param propagate {@code *_propagation} names {@code istio_headers}
 * @param skipExternal {@code skip_external_clusters}: only services of the mesh are told
 */
public record PeerMetadataConfig(
    String name,
    boolean discoverHeaders,
    boolean discoverBaggage,
    boolean propagate,
    boolean skipExternal)
    implements HttpFilterConfig {}
