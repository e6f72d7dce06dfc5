package io.inmesh.xds;

import io.grpc.MethodDescriptor;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
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

  /** {@code DeltaAggregatedResources}, as it is. */
  final class Delta implements Wire<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    @Override
    public MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method() {
      return AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
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
