package io.inmesh.differential;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.proto.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.inmesh.proto.envoy.extensions.rbac.principals.mtls_authenticated.v3.Config;
import io.inmesh.proto.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.inmesh.proto.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;

/** Protos as JSON and in Anys. */
public final class Protos {
  private static final JsonFormat.TypeRegistry TYPES =
      JsonFormat.TypeRegistry.newBuilder()
          .add(HttpConnectionManager.getDescriptor())
          .add(Router.getDescriptor())
          .add(FileAccessLog.getDescriptor())
          .add(RBAC.getDescriptor())
          .add(RBACPerRoute.getDescriptor())
          .add(HeaderMutation.getDescriptor())
          .add(HeaderMutationPerRoute.getDescriptor())
          .add(UriTemplateMatchConfig.getDescriptor())
          .add(PreviousHostsPredicate.getDescriptor())
          .add(Config.getDescriptor())
          .add(PreviousPrioritiesConfig.getDescriptor())
          .build();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .usingTypeRegistry(TYPES)
          .preservingProtoFieldNames()
          .omittingInsignificantWhitespace();

  private Protos() {}

  /** What may stand in an Any. */
  static JsonFormat.TypeRegistry types() {
    return TYPES;
  }

  public static Any any(Message message) {
    return Any.pack(message);
  }

  /** Adds what the JSON says to a message. */
  public static void merge(String json, Message.Builder into) {
    try {
      JsonFormat.parser().usingTypeRegistry(TYPES).merge(json, into);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage() + ": " + json, e);
    }
  }

  public static String json(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
