package io.inmesh.config;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.match.Paths;
import io.inmesh.match.StringMatcher;
import io.inmesh.proto.envoy.config.core.v3.TypedExtensionConfig;
import io.inmesh.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;

/** Compiles {@code path_match_policy} of routes and {@code uri_template} of RBAC. */
public final class PathTemplates {
  private static final String TYPE =
      "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";

  private PathTemplates() {}

  /**
   * A matcher for paths without query.
   *
   * @throws ConfigException not a template; not yet: another extension
   */
  public static StringMatcher compile(TypedExtensionConfig proto) {
    if (!proto.getTypedConfig().getTypeUrl().endsWith("/" + TYPE)) {
      throw ConfigException.notYet(
          "typed_config", "path matcher " + proto.getTypedConfig().getTypeUrl());
    }
    try {
      return Paths.template(
          UriTemplateMatchConfig.parseFrom(proto.getTypedConfig().getValue()).getPathTemplate());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new ConfigException("typed_config.path_template", String.valueOf(e.getMessage()));
    }
  }
}
