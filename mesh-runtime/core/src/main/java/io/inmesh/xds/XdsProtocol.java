package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;

/** The forms of a discovery stream. */
public enum XdsProtocol {
  /** Incremental: {@code DeltaAggregatedResources}. What sidecars of istiod use. */
  DELTA,
  /** {@code StreamAggregatedResources}, for control planes that have no delta. */
  STATE_OF_THE_WORLD,
  /** {@code DeltaSecrets}: a server that has secrets alone. */
  SECRETS_DELTA,
  /** {@code StreamSecrets}, what servers of secrets (SPIRE) have. */
  SECRETS;

  Wire<?, ?> newWire() {
    return switch (this) {
      case DELTA ->
          new Wire.Delta(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());
      case STATE_OF_THE_WORLD ->
          new StateOfTheWorld(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());
      case SECRETS_DELTA -> new Wire.Delta(SecretDiscoveryServiceGrpc.getDeltaSecretsMethod());
      case SECRETS -> new StateOfTheWorld(SecretDiscoveryServiceGrpc.getStreamSecretsMethod());
    };
  }
}
