package io.inmesh.config;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.inmesh.match.IntRange;
import io.inmesh.match.RequestMatcher;
import io.inmesh.match.RequestMatchers;
import io.inmesh.proto.envoy.config.core.v3.TypedExtensionConfig;
import io.inmesh.proto.envoy.config.rbac.v3.MetadataSource;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.config.rbac.v3.SourcedMetadata;
import io.inmesh.proto.envoy.extensions.rbac.principals.mtls_authenticated.v3.Config;
import io.inmesh.proto.envoy.type.matcher.v3.PathMatcher;
import java.util.List;

/** Compiles {@code Permission} and {@code Principal}. */
final class RbacMatchers {
  private static final String MTLS =
      "/envoy.extensions.rbac.principals.mtls_authenticated.v3.Config";

  private RbacMatchers() {}

  @SuppressWarnings("deprecation") // metadata: istiod still sends it
  static RequestMatcher permission(Permission proto) {
    return switch (proto.getRuleCase()) {
      case AND_RULES ->
          RequestMatchers.all(permissions("and_rules.rules", proto.getAndRules().getRulesList()));
      case OR_RULES ->
          RequestMatchers.oneOf(permissions("or_rules.rules", proto.getOrRules().getRulesList()));
      case NOT_RULE ->
          RequestMatchers.not(
              ConfigException.field("not_rule", proto.getNotRule(), RbacMatchers::permission));
      case ANY -> any(proto.getAny());
      case HEADER -> header(proto.getHeader());
      case URL_PATH -> ConfigException.field("url_path", proto.getUrlPath(), RbacMatchers::urlPath);
      case DESTINATION_IP ->
          RequestMatchers.localIp(
              ConfigException.field(
                  "destination_ip", proto.getDestinationIp(), CidrRanges::compile));
      case DESTINATION_PORT -> {
        long port = Integer.toUnsignedLong(proto.getDestinationPort());
        if (port > 65535) {
          throw new ConfigException("destination_port", port + " is no port");
        }
        yield RequestMatchers.localPort(new IntRange(port, port + 1));
      }
      case DESTINATION_PORT_RANGE -> {
        int start = proto.getDestinationPortRange().getStart();
        int end = proto.getDestinationPortRange().getEnd();
        if (start < 0 || end > 65536 || start >= end) {
          throw new ConfigException("destination_port_range", start + " to " + end);
        }
        yield RequestMatchers.localPort(new IntRange(start, end));
      }
      case METADATA ->
          ConfigException.field("metadata", proto.getMetadata(), MetadataMatchers::compile);
      case SOURCED_METADATA ->
          ConfigException.field(
              "sourced_metadata", proto.getSourcedMetadata(), RbacMatchers::sourced);
      case REQUESTED_SERVER_NAME ->
          RequestMatchers.serverName(
              ConfigException.field(
                  "requested_server_name",
                  proto.getRequestedServerName(),
                  StringMatchers::compile));
      case URI_TEMPLATE ->
          RequestMatchers.urlPath(
              ConfigException.field(
                  "uri_template", proto.getUriTemplate(), PathTemplates::compile));
      case MATCHER ->
          throw ConfigException.notYet("matcher", "extension " + proto.getMatcher().getName());
      case RULE_NOT_SET -> throw notSet(proto, "rule");
    };
  }

  @SuppressWarnings("deprecation") // source_ip, metadata
  static RequestMatcher principal(Principal proto) {
    return switch (proto.getIdentifierCase()) {
      case AND_IDS ->
          RequestMatchers.all(principals("and_ids.ids", proto.getAndIds().getIdsList()));
      case OR_IDS -> RequestMatchers.oneOf(principals("or_ids.ids", proto.getOrIds().getIdsList()));
      case NOT_ID ->
          RequestMatchers.not(
              ConfigException.field("not_id", proto.getNotId(), RbacMatchers::principal));
      case ANY -> any(proto.getAny());
      case AUTHENTICATED ->
          proto.getAuthenticated().hasPrincipalName()
              ? RequestMatchers.authenticated(
                  ConfigException.field(
                      "authenticated.principal_name",
                      proto.getAuthenticated().getPrincipalName(),
                      StringMatchers::compile))
              : RequestMatchers.tls();
      case SOURCE_IP ->
          RequestMatchers.directRemoteIp(
              ConfigException.field("source_ip", proto.getSourceIp(), CidrRanges::compile));
      case DIRECT_REMOTE_IP ->
          RequestMatchers.directRemoteIp(
              ConfigException.field(
                  "direct_remote_ip", proto.getDirectRemoteIp(), CidrRanges::compile));
      case REMOTE_IP ->
          RequestMatchers.remoteIp(
              ConfigException.field("remote_ip", proto.getRemoteIp(), CidrRanges::compile));
      case HEADER -> header(proto.getHeader());
      case URL_PATH -> ConfigException.field("url_path", proto.getUrlPath(), RbacMatchers::urlPath);
      case METADATA ->
          ConfigException.field("metadata", proto.getMetadata(), MetadataMatchers::compile);
      case SOURCED_METADATA ->
          ConfigException.field(
              "sourced_metadata", proto.getSourcedMetadata(), RbacMatchers::sourced);
      case FILTER_STATE ->
          throw ConfigException.notYet(
              "filter_state", "filter state " + proto.getFilterState().getKey());
      case CUSTOM -> ConfigException.field("custom", proto.getCustom(), RbacMatchers::custom);
      case IDENTIFIER_NOT_SET -> throw notSet(proto, "identifier");
    };
  }

  static ConfigException notSet(Message proto, String oneof) {
    return UnknownFields.in(proto)
        ? ConfigException.notYet(oneof, "a kind of matcher newer than this runtime")
        : new ConfigException(oneof, "one is required");
  }

  private static List<RequestMatcher> permissions(String field, List<Permission> protos) {
    return notEmpty(field, ConfigException.each(field, protos, RbacMatchers::permission));
  }

  private static List<RequestMatcher> principals(String field, List<Principal> protos) {
    return notEmpty(field, ConfigException.each(field, protos, RbacMatchers::principal));
  }

  static <T> List<T> notEmpty(String field, List<T> list) {
    if (list.isEmpty()) {
      throw new ConfigException(field, "must not be empty");
    }
    return list;
  }

  private static RequestMatcher any(boolean value) {
    if (!value) {
      throw new ConfigException("any", "must be true");
    }
    return RequestMatchers.any();
  }

  private static RequestMatcher header(io.inmesh.proto.envoy.config.route.v3.HeaderMatcher proto) {
    return RequestMatchers.header(
        ConfigException.field(
            "header",
            proto,
            (io.inmesh.proto.envoy.config.route.v3.HeaderMatcher p) -> HeaderMatchers.compile(p)));
  }

  private static RequestMatcher urlPath(PathMatcher proto) {
    if (!proto.hasPath()) {
      throw notSet(proto, "rule");
    }
    return RequestMatchers.urlPath(
        ConfigException.field("path", proto.getPath(), StringMatchers::compile));
  }

  private static RequestMatcher sourced(SourcedMetadata proto) {
    if (proto.getMetadataSource() != MetadataSource.DYNAMIC) {
      throw ConfigException.notYet("metadata_source", "metadata of the route");
    }
    return ConfigException.field(
        "metadata_matcher", proto.getMetadataMatcher(), MetadataMatchers::compile);
  }

  private static RequestMatcher custom(TypedExtensionConfig proto) {
    if (!proto.getTypedConfig().getTypeUrl().endsWith(MTLS)) {
      throw ConfigException.notYet("typed_config", "extension " + proto.getName());
    }
    try {
      Config config = Config.parseFrom(proto.getTypedConfig().getValue());
      if (config.hasSanMatcher()) {
        TransportSocket.San san =
            ConfigException.field("san_matcher", config.getSanMatcher(), SanMatchers::compile);
        if (!san.type().equals("URI") && !san.type().equals("DNS")) {
          throw ConfigException.notYet("san_matcher.san_type", "names of type " + san.type());
        }
        return RequestMatchers.san(san.type().equals("URI"), san.matcher());
      }
      if (!config.getAnyValidatedClientCertificate()) {
        throw new ConfigException(
            "typed_config", "san_matcher or any_validated_client_certificate is required");
      }
      return RequestMatchers.verifiedPeer();
    } catch (InvalidProtocolBufferException e) {
      throw new ConfigException("typed_config", String.valueOf(e.getMessage()));
    }
  }
}
