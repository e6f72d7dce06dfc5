package io.inmesh.config;

import java.util.List;

/**
 * {@code LocalityLbEndpoints}.
 *
 * @param locality {@code region/zone/sub_zone}, empty when unknown
 * @param priority 0 is the highest
 * @param weight {@code load_balancing_weight}; 0 when missing
 */
public record LocalityEndpoints(
    String locality, int priority, int weight, List<Endpoint> endpoints) {}
