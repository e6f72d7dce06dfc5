package io.inmesh.config;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Istio's {@code peer_metadata}, which istiod sends as a TypedStruct. */
final class PeerMetadataFilters {
  private static final Value NOTHING = Value.getDefaultInstance();

  private PeerMetadataFilters() {}

  /** The downstream half is for inbound listeners, the upstream half for outbound ones. */
  static HttpFilterConfig compile(String name, @Nullable Struct config) {
    if (config == null) {
      return HttpFilterCompilers.unsupported(
          name, name, "io.istio.http.peer_metadata.Config", "only a TypedStruct is read", false);
    }
    List<Value> discovery = both(config, "downstream_discovery", "upstream_discovery");
    List<Value> propagation = both(config, "downstream_propagation", "upstream_propagation");
    return new PeerMetadataConfig(
        name,
        names(discovery, "istio_headers"),
        names(discovery, "baggage"),
        names(propagation, "istio_headers"),
        propagation.stream().anyMatch(PeerMetadataFilters::skipsExternal));
  }

  private static List<Value> both(Struct config, String down, String up) {
    List<Value> first = config.getFieldsOrDefault(down, NOTHING).getListValue().getValuesList();
    return first.isEmpty()
        ? config.getFieldsOrDefault(up, NOTHING).getListValue().getValuesList()
        : first;
  }

  private static boolean names(List<Value> methods, String method) {
    return methods.stream().anyMatch(value -> value.getStructValue().containsFields(method));
  }

  private static boolean skipsExternal(Value method) {
    return method
        .getStructValue()
        .getFieldsOrDefault("istio_headers", NOTHING)
        .getStructValue()
        .getFieldsOrDefault("skip_external_clusters", NOTHING)
        .getBoolValue();
  }
}
