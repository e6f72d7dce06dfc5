package io.inmesh.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code Route}: what happens to a request that matched it.
 *
 * @param name may be empty, as in Envoy
 * @param place the virtual host and the place in it, for messages: {@code 8080/reviews.shop:8080/2}
 * @param requestEdits header operations on the way to the upstream: route, then virtual host, then
 *     route configuration (or the reverse, {@code most_specific_header_mutations_wins}), already in
 *     order; those of a weighted cluster come before all of them
 * @param responseEdits the same on the way back
 * @param decorator {@code decorator.operation}; null: none
 * @param filterOverrides {@code typed_per_filter_config} of route and virtual host, most specific
 *     first wins, by filter name
 */
public record Route(
    String name,
    String place,
    RouteAction action,
    HeaderEdits requestEdits,
    HeaderEdits responseEdits,
    @Nullable String decorator,
    boolean includeAttemptCount,
    Map<String, HttpFilterConfig> filterOverrides) {}
