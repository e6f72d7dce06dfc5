package io.inmesh.config;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.match.RequestFacts;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import java.util.List;

/** Policies from JSON, requests, peers. */
public final class RbacTestKit {
  private static final JsonFormat.Parser PARSER =
      JsonFormat.parser()
          .usingTypeRegistry(
              TypeRegistry.newBuilder().add(UriTemplateMatchConfig.getDescriptor()).build());

  private RbacTestKit() {}

  public static <B extends Message.Builder> B json(B builder, String json) {
    try {
      PARSER.merge(json.replace('\'', '"'), builder);
      return builder;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  /** A filter with these rules; single quotes stand for double ones. */
  public static HttpFilterConfig filter(String json) {
    return RbacCompiler.http(
        "listener/virtualInbound",
        "envoy.filters.http.rbac",
        json(RBAC.newBuilder(), json).build());
  }

  public static RbacConfig rbac(String json) {
    return (RbacConfig) filter(json);
  }

  /** DENY or ALLOW by one policy with that permission and anybody as principal. */
  public static RbacConfig permission(String action, String permission) {
    return rbac(
        "{'rules': {'action': '%s', 'policies': {'p': {'permissions': [%s], 'principals': [{'any': true}]}}}}"
            .formatted(action, permission));
  }

  public static RbacConfig principal(String action, String principal) {
    return rbac(
        "{'rules': {'action': '%s', 'policies': {'p': {'permissions': [{'any': true}], 'principals': [%s]}}}}"
            .formatted(action, principal));
  }

  public static boolean allows(RbacConfig config, RequestHead head, Connection peer) {
    RbacRules rules = config.rules();
    return rules == null || rules.allows(rules.match(facts(head, peer)));
  }

  public static RequestFacts facts(RequestHead head, Connection connection) {
    return new RequestFacts() {
      @Override
      public RequestHead head() {
        return head;
      }

      @Override
      public Connection connection() {
        return connection;
      }
    };
  }

  public static RequestHead get(String path, String... headers) {
    return new RequestHead(
        "GET", "http", "reviews.shop:8080", path, Headers.of(headers), Protocol.HTTP11);
  }

  public static Connection plain() {
    return Connection.plaintext("127.0.1.1", 18080, "127.0.1.3", 40000);
  }

  /** A peer under mTLS. */
  public static Connection peer(String... uriSans) {
    return new Connection(
        "127.0.1.1",
        18080,
        "127.0.1.3",
        40000,
        true,
        "outbound_.8080_._.reviews.shop.svc.cluster.local",
        List.of(),
        List.of(uriSans),
        List.of(),
        "",
        "ab",
        "spiffe://cluster.local/ns/shop/sa/reviews",
        1);
  }
}
