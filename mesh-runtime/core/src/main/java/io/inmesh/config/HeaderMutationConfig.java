package io.inmesh.config;

/** A compiled {@code envoy.extensions.filters.http.header_mutation.v3.HeaderMutation}. */
public record HeaderMutationConfig(String name, HeaderEdits request, HeaderEdits response)
    implements HttpFilterConfig {}
