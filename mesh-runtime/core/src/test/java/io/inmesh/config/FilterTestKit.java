package io.inmesh.config;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.Objects;

/** HTTP filters from JSON, as a connection manager and as a route have them. */
public final class FilterTestKit {
  private FilterTestKit() {}

  public static HttpFilterConfig headerMutation(String json) {
    return filter(RbacTestKit.json(HeaderMutation.newBuilder(), json).build());
  }

  public static HttpFilterConfig headerMutationPerRoute(String json) {
    Any any = Any.pack(RbacTestKit.json(HeaderMutationPerRoute.newBuilder(), json).build());
    return Objects.requireNonNull(HttpFilterCompilers.perRoute("f", any, "80/reviews/0"));
  }

  static HttpFilterConfig filter(Message config) {
    HttpFilter proto =
        HttpFilter.newBuilder().setName("f").setTypedConfig(Any.pack(config)).build();
    return Objects.requireNonNull(HttpFilterCompilers.compile(proto, "listener/0.0.0.0_80"));
  }
}
