package io.inmesh.config;

/**
 * A filter that does nothing by itself and something where a route configures it ({@code fault},
 * {@code cors}), or that stands in the chain switched off ({@code disabled}). What the route says
 * decides.
 */
public record PerRouteFilter(String name) implements HttpFilterConfig {}
