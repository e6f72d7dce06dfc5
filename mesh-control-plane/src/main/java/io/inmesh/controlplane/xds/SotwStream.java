package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The state-of-the-world protocol: when anything of a type has changed, everything that is
 * subscribed of it goes out.
 */
final class SotwStream extends AdsStream<DiscoveryRequest, DiscoveryResponse> {
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

  SotwStream(AdsServer server, StreamObserver<DiscoveryResponse> out) {
    super(server, out);
  }

  private static final class Subscription {
    Set<String> names = Set.of();
    Map<String, Any> sent = Map.of();
    boolean asked;
  }

  @Override
  Node node(DiscoveryRequest request) {
    return request.getNode();
  }

  @Override
  void subscribe(DiscoveryRequest request) {
    String url = request.getTypeUrl();
    if (request.hasErrorDetail()) {
      refused(url, request.getResponseNonce(), request.getErrorDetail().getMessage());
    } else if (!request.getResponseNonce().isEmpty()) {
      acknowledged(url, request.getResponseNonce());
    }
    ResourceType type = ResourceType.of(url);
    if (type == null) {
      if (request.getResponseNonce().isEmpty()) {
        send(response(url).build());
      }
      return;
    }
    boolean first = !subscriptions.containsKey(type);
    Subscription subscription = subscriptions.computeIfAbsent(type, key -> new Subscription());
    Set<String> names = new LinkedHashSet<>(request.getResourceNamesList());
    names.remove("*");
    if (first || !subscription.names.containsAll(names)) {
      subscription.asked = true;
    }
    subscription.names = names;
  }

  @Override
  void flush() {
    for (ResourceType type : ResourceType.values()) {
      Subscription subscription = subscriptions.get(type);
      if (subscription == null || (!type.wildcard() && subscription.names.isEmpty())) {
        continue;
      }
      Map<String, Any> current = new LinkedHashMap<>();
      if (type.wildcard()) {
        current.putAll(resources().all(type));
      } else {
        for (String name : subscription.names) {
          if (type.answersUnknown() || resources().all(type).containsKey(name)) {
            current.put(name, resources().named(type, name));
          }
        }
      }
      boolean less = subscription.sent.keySet().containsAll(current.keySet());
      boolean same =
          less
              && current.entrySet().stream()
                  .allMatch(e -> e.getValue().equals(subscription.sent.get(e.getKey())));
      boolean removed = type.wildcard() && subscription.sent.size() != current.size();
      if (subscription.asked || !same || removed) {
        send(response(type.url()).addAllResources(current.values()).build());
        subscription.sent = current;
        subscription.asked = false;
        Subscription endpoints = subscriptions.get(ResourceType.EDS);
        if (type == ResourceType.CDS && endpoints != null) {
          endpoints.asked = true; // an Envoy waits for them with each cluster that it is given
        }
      }
    }
  }

  private DiscoveryResponse.Builder response(String typeUrl) {
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(typeUrl)
        .setVersionInfo(server().version())
        .setNonce(server().nextNonce());
  }
}
