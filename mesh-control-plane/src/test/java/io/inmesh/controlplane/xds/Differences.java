package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** Walks two resources field by field, packed messages included, and names what differs by path. */
final class Differences {
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  Cluster.getDescriptor(),
                  ClusterLoadAssignment.getDescriptor(),
                  Listener.getDescriptor(),
                  RouteConfiguration.getDescriptor(),
                  io.envoyproxy.envoy.config.route.v3.Route.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.getDescriptor(),
                  io.envoyproxy.envoy.extensions.retry.priority.previous_priorities.v3
                      .PreviousPrioritiesConfig.getDescriptor(),
                  HttpConnectionManager.getDescriptor(),
                  TcpProxy.getDescriptor(),
                  Router.getDescriptor(),
                  Cors.getDescriptor(),
                  HTTPFault.getDescriptor(),
                  FilterConfig.getDescriptor(),
                  RBAC.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
                  HttpInspector.getDescriptor(),
                  TlsInspector.getDescriptor(),
                  OriginalDst.getDescriptor(),
                  UuidRequestIdConfig.getDescriptor(),
                  PreviousHostsPredicate.getDescriptor(),
                  RawBuffer.getDescriptor(),
                  DownstreamTlsContext.getDescriptor(),
                  UpstreamTlsContext.getDescriptor(),
                  HttpProtocolOptions.getDescriptor()))
          .build();

  private final BiConsumer<String, String> found;

  private Differences(BiConsumer<String, String> found) {
    this.found = found;
  }

  /**
   * @param found path, with list elements as [name] or [i], and what differs
   */
  static void between(Any recorded, Any ours, BiConsumer<String, String> found) {
    new Differences(found).any("", recorded, ours);
  }

  private void any(String path, Any recorded, Any ours) {
    if (!recorded.getTypeUrl().equals(ours.getTypeUrl())) {
      found.accept(path, "type " + recorded.getTypeUrl() + " / " + ours.getTypeUrl());
      return;
    }
    try {
      var descriptor = TYPES.getDescriptorForTypeUrl(recorded.getTypeUrl());
      if (descriptor == null) {
        if (!recorded.getValue().equals(ours.getValue())) {
          found.accept(path, "bytes of " + recorded.getTypeUrl());
        }
        return;
      }
      message(
          path,
          DynamicMessage.parseFrom(descriptor, recorded.getValue()),
          DynamicMessage.parseFrom(descriptor, ours.getValue()));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private void message(String path, Message recorded, Message ours) {
    if (recorded.getDescriptorForType().getFullName().equals("google.protobuf.Any")) {
      any(path, copy(recorded), copy(ours));
      return;
    }
    TreeMap<Integer, FieldDescriptor> fields = new TreeMap<>();
    recorded.getAllFields().keySet().forEach(field -> fields.put(field.getNumber(), field));
    ours.getAllFields().keySet().forEach(field -> fields.put(field.getNumber(), field));
    for (FieldDescriptor field : fields.values()) {
      String at = path.isEmpty() ? field.getName() : path + "." + field.getName();
      if (field.isMapField() || field.isRepeated()) {
        list(at, field, recorded, ours);
      } else if (recorded.hasField(field) != ours.hasField(field)) {
        found.accept(at, recorded.hasField(field) ? "only recorded" : "only ours");
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        message(at, (Message) recorded.getField(field), (Message) ours.getField(field));
      } else if (!recorded.getField(field).equals(ours.getField(field))) {
        found.accept(at, recorded.getField(field) + " / " + ours.getField(field));
      }
    }
  }

  private void list(String path, FieldDescriptor field, Message recorded, Message ours) {
    Map<String, Object> left = keyed(field, recorded);
    Map<String, Object> right = keyed(field, ours);
    if (!field.isMapField()
        && left.keySet().equals(right.keySet())
        && !List.copyOf(left.keySet()).equals(List.copyOf(right.keySet()))) {
      found.accept(path, "order " + left.keySet() + " / " + right.keySet());
    }
    TreeSet<String> keys = new TreeSet<>(left.keySet());
    keys.addAll(right.keySet());
    for (String key : keys) {
      String at = path + "[" + key + "]";
      Object a = left.get(key);
      Object b = right.get(key);
      if (a == null || b == null) {
        found.accept(at, a == null ? "only ours" : "only recorded");
      } else if (a instanceof Message m && b instanceof Message n) {
        message(at, m, n);
      } else if (!a.equals(b)) {
        found.accept(at, a + " / " + b);
      }
    }
  }

  /** Elements by their name where they have one that is unique, else by position. */
  private static Map<String, Object> keyed(FieldDescriptor field, Message owner) {
    Map<String, Object> keyed = new java.util.LinkedHashMap<>();
    for (int i = 0; i < owner.getRepeatedFieldCount(field); i++) {
      Object item = owner.getRepeatedField(field, i);
      String key = String.valueOf(i);
      if (item instanceof Message message) {
        FieldDescriptor name =
            message.getDescriptorForType().findFieldByName(field.isMapField() ? "key" : "name");
        if (name != null && !name.isRepeated() && !message.getField(name).toString().isEmpty()) {
          key = message.getField(name).toString();
        }
      }
      for (int n = 2; keyed.containsKey(key); n++) {
        key = key.replaceFirst("#\\d+$", "") + "#" + n;
      }
      keyed.put(key, item);
    }
    return keyed;
  }

  private static Any copy(Message message) {
    try {
      return message instanceof Any any ? any : Any.parseFrom(message.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
