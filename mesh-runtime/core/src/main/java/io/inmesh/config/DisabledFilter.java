package io.inmesh.config;

/** {@code envoy.config.route.v3.FilterConfig.disabled}: switched off for the route. */
public record DisabledFilter(String name) implements HttpFilterConfig {}
