package io.inmesh.config;

import io.inmesh.proto.envoy.config.common.mutation_rules.v3.HeaderMutation.ActionCase;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import java.util.List;

/** {@code envoy.filters.http.header_mutation}. Not a security filter: what is missing is a 503. */
final class HeaderMutationFilters {
  private HeaderMutationFilters() {}

  static HttpFilterConfig compile(String name, TypedConfig config, String place) {
    HeaderMutation proto = config.as(HeaderMutation.parser());
    try {
      missing(UnknownFields.in(proto), "(unknown field)", "has fields newer than this runtime");
      return ConfigException.field("mutations", proto.getMutations(), m -> compile(name, m));
    } catch (ConfigException e) {
      if (e.isNotYet()) {
        return HttpFilterCompilers.unsupported(
            name, place, config.type() + "." + e.fieldPath(), e.reason(), false);
      }
      throw e;
    }
  }

  /** Envoy runs those of all levels; only the most specific one reaches a filter here. */
  static HttpFilterConfig perRoute(String name, TypedConfig config, String place) {
    return HttpFilterCompilers.unsupported(
        name, place, config.type(), "the levels are not joined", false);
  }

  private static HeaderMutationConfig compile(String name, Mutations proto) {
    missing(proto.getQueryParameterMutationsCount() > 0, "query_parameter_mutations");
    missing(proto.getRequestTrailersMutationsCount() > 0, "request_trailers_mutations");
    missing(proto.getResponseTrailersMutationsCount() > 0, "response_trailers_mutations");
    return new HeaderMutationConfig(
        name,
        edits("request_mutations", proto.getRequestMutationsList()),
        edits("response_mutations", proto.getResponseMutationsList()));
  }

  /** One after the other, as they stand: unlike {@code *_headers_to_add}, these have no levels. */
  private static HeaderEdits edits(
      String field,
      List<io.inmesh.proto.envoy.config.common.mutation_rules.v3.HeaderMutation> protos) {
    HeaderEdits edits = HeaderEdits.NONE;
    for (HeaderEdits next : ConfigException.each(field, protos, HeaderMutationFilters::edit)) {
      edits = edits.then(next);
    }
    return edits;
  }

  private static HeaderEdits edit(
      io.inmesh.proto.envoy.config.common.mutation_rules.v3.HeaderMutation proto) {
    ActionCase action = proto.getActionCase();
    return switch (action) {
      case REMOVE -> {
        noPseudoHeader("remove", proto.getRemove());
        yield ConfigException.field("remove", proto.getRemove(), HeaderEditsCompiler::removal);
      }
      case APPEND -> {
        noPseudoHeader("append.header.key", proto.getAppend().getHeader().getKey());
        yield ConfigException.field("append", proto.getAppend(), HeaderEditsCompiler::edit);
      }
      case REMOVE_ON_MATCH -> throw ConfigException.notYet("remove_on_match", "not implemented");
      case ACTION_NOT_SET -> throw new ConfigException("action", "is required");
    };
  }

  /** Envoy lets this filter change these, which header operations of routes may not. */
  private static void noPseudoHeader(String field, String name) {
    missing(
        name.startsWith(":") || name.equalsIgnoreCase("host"),
        field,
        name + " is not changed here");
  }

  private static void missing(boolean there, String field) {
    missing(there, field, "not implemented");
  }

  private static void missing(boolean there, String field, String reason) {
    if (there) {
      throw ConfigException.notYet(field, reason);
    }
  }
}
