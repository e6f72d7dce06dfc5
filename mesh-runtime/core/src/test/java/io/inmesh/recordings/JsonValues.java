package io.inmesh.recordings;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.proto.envoy.config.core.v3.Locality;
import io.inmesh.proto.envoy.config.core.v3.Node;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON into the few messages a node consists of; JsonFormat is not on every module's class path.
 */
final class JsonValues {
  private JsonValues() {}

  static Node node(Map<String, Object> json) {
    Map<String, Object> locality = Json.map(json.get("locality"));
    Node.Builder node =
        Node.newBuilder()
            .setId(Json.string(json.get("id")))
            .setCluster(Json.string(json.get("cluster")))
            .setMetadata(struct(Json.map(json.get("metadata"))));
    if (!locality.isEmpty()) {
      node.setLocality(
          Locality.newBuilder()
              .setRegion(Json.string(locality.get("region")))
              .setZone(Json.string(locality.get("zone")))
              .setSubZone(Json.string(locality.get("subZone"))));
    }
    return node.build();
  }

  static Struct struct(Map<String, Object> map) {
    Struct.Builder b = Struct.newBuilder();
    map.forEach((k, v) -> b.putFields(k, value(v)));
    return b.build();
  }

  private static Value value(@Nullable Object o) {
    Value.Builder b = Value.newBuilder();
    if (o instanceof Map<?, ?>) {
      return b.setStructValue(struct(Json.map(o))).build();
    } else if (o instanceof List<?> l) {
      ListValue.Builder list = ListValue.newBuilder();
      l.forEach(x -> list.addValues(value(x)));
      return b.setListValue(list).build();
    } else if (o instanceof Boolean bool) {
      return b.setBoolValue(bool).build();
    } else if (o instanceof Number n) {
      return b.setNumberValue(n.doubleValue()).build();
    }
    return o == null
        ? b.setNullValue(NullValue.NULL_VALUE).build()
        : b.setStringValue(o.toString()).build();
  }
}
