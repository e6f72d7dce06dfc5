package io.inmesh.config;

/**
 * A filter that is in the configuration and cannot be run here: every request that reaches it is
 * refused, with this reason.
 */
public record UnsupportedFilter(String name, NotYet why) implements HttpFilterConfig {}
