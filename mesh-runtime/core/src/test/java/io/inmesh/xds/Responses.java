package io.inmesh.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;

/**
 * Responses to send from a script. Bodies are short texts: nothing in this package looks into them.
 */
final class Responses {
  private Responses() {}

  static DeltaDiscoveryResponse.Builder response(
      TypeUrl type, String nonce, Resource... resources) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.url())
            .setNonce(nonce)
            .setSystemVersionInfo("version of " + nonce);
    for (Resource resource : resources) {
      response.addResources(resource);
    }
    return response;
  }

  static Resource resource(TypeUrl type, String name, String body) {
    return resource(type, name, "", body);
  }

  static Resource resource(TypeUrl type, String name, String version, String body) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setResource(
            Any.newBuilder().setTypeUrl(type.url()).setValue(ByteString.copyFromUtf8(body)))
        .build();
  }

  static Resource withTimeToLive(Resource resource, int seconds) {
    return resource.toBuilder().setTtl(Duration.newBuilder().setSeconds(seconds)).build();
  }
}
