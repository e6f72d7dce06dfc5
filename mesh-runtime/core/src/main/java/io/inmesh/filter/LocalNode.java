package io.inmesh.filter;

/**
 * What a sidecar tells its peers of itself.
 *
 * @param id the node's id: {@code sidecar~10.0.0.7~reviews-1.shop~shop.svc.cluster.local}
 * @param metadata value of {@code x-envoy-peer-metadata}
 */
public record LocalNode(String id, String metadata) {}
