package io.inmesh.xds;

import io.grpc.MethodDescriptor;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;

/**
 * How one stream puts it: everything here thinks in differences, the other protocol is translated.
 * Made for each stream.
 */
interface Wire<Q, R> {
  MethodDescriptor<Q, R> method();

  Q request(DeltaDiscoveryRequest request);

  DeltaDiscoveryResponse response(R response);

  /** What the response does not name does not exist. */
  boolean namesWholeType(R response);

  /** Differences, as they are. */
  final class Delta implements Wire<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private final MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method;

    Delta(MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method) {
      this.method = method;
    }

    @Override
    public MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method() {
      return method;
    }

    @Override
    public DeltaDiscoveryRequest request(DeltaDiscoveryRequest request) {
      return request;
    }

    @Override
    public DeltaDiscoveryResponse response(DeltaDiscoveryResponse response) {
      return response;
    }

    @Override
    public boolean namesWholeType(DeltaDiscoveryResponse response) {
      return false;
    }
  }
}
