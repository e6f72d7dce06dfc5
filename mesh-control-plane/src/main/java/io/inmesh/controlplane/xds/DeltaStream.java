package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The incremental protocol. Only what differs from what was sent last goes out. New things before
 * what uses them, and what goes only after nothing uses it any more: CDS, EDS, LDS, RDS, then what
 * was removed.
 */
final class DeltaStream extends AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

  DeltaStream(AdsServer server, StreamObserver<DeltaDiscoveryResponse> out) {
    super(server, out);
  }

  private static final class Subscription {
    boolean everything;
    final Set<String> names = new LinkedHashSet<>();
    final Map<String, Any> sent = new HashMap<>();

    /** Asked for just now, so it is answered even if it is what the client had. */
    final Set<String> asked = new LinkedHashSet<>();

    /** Answered, empty, although they do not exist. */
    final Set<String> empty = new HashSet<>();

    /** What the client has from an earlier stream and is there no more. */
    final Set<String> gone = new LinkedHashSet<>();
  }

  @Override
  Node node(DeltaDiscoveryRequest request) {
    return request.getNode();
  }

  @Override
  void subscribe(DeltaDiscoveryRequest request) {
    String url = request.getTypeUrl();
    if (request.hasErrorDetail()) {
      refused(url, request.getResponseNonce(), request.getErrorDetail().getMessage());
    } else if (!request.getResponseNonce().isEmpty()) {
      acknowledged(url, request.getResponseNonce());
    }
    ResourceType type = ResourceType.of(url);
    if (type == null) {
      if (request.getResponseNonce().isEmpty()) {
        send(
            response(url).build()); // as istiod: a type that is not served is answered with nothing
      }
      return;
    }
    boolean first = !subscriptions.containsKey(type);
    Subscription subscription = subscriptions.computeIfAbsent(type, key -> new Subscription());
    if (type.wildcard()) {
      boolean star = request.getResourceNamesSubscribeList().contains("*");
      if (first || star) {
        subscription.everything = true;
        subscription.asked.addAll(resources().all(type).keySet());
      }
      if (request.getResourceNamesUnsubscribeList().contains("*")) {
        subscription.everything = false;
      }
      for (String known : request.getInitialResourceVersionsMap().keySet()) {
        if (!resources().all(type).containsKey(known)) {
          subscription.gone.add(known);
        }
      }
      return;
    }
    List<String> wanted = new ArrayList<>(request.getResourceNamesSubscribeList());
    wanted.addAll(request.getInitialResourceVersionsMap().keySet());
    for (String name : wanted) {
      if (!name.equals("*")) {
        subscription.names.add(name);
        if (type.answersUnknown() || resources().all(type).containsKey(name)) {
          subscription.asked.add(name);
        } else {
          subscription.gone.add(name); // as istiod: a secret that there is not is removed
        }
      }
    }
    for (String name : request.getResourceNamesUnsubscribeList()) {
      subscription.names.remove(name);
      subscription.asked.remove(name);
      subscription.sent.remove(name);
    }
  }

  @Override
  void flush() {
    Map<ResourceType, Set<String>> removed = new LinkedHashMap<>();
    for (ResourceType type : ResourceType.values()) {
      Subscription subscription = subscriptions.get(type);
      if (subscription != null) {
        Map<String, Any> current = current(type, subscription);
        Set<String> over = removed(type, subscription, current);
        send(type, subscription, current);
        if (!over.isEmpty()) {
          removed.put(type, over);
        }
      }
    }
    removed.forEach(
        (type, names) -> send(response(type.url()).addAllRemovedResources(names).build()));
  }

  private Map<String, Any> current(ResourceType type, Subscription subscription) {
    if (type.wildcard()) {
      return subscription.everything ? resources().all(type) : Map.of();
    }
    Map<String, Any> named = new LinkedHashMap<>();
    for (String name : subscription.names) {
      // An assignment that was there and is no more is removed; one that never was is answered,
      // empty. Routes are never removed.
      if (type == ResourceType.RDS || resources().all(type).containsKey(name)) {
        subscription.empty.remove(name);
        named.put(name, resources().named(type, name));
      } else if (subscription.asked.contains(name) || subscription.empty.contains(name)) {
        subscription.empty.add(name);
        named.put(name, resources().named(type, name));
      }
    }
    return named;
  }

  private static Set<String> removed(
      ResourceType type, Subscription subscription, Map<String, Any> current) {
    Set<String> removed = new LinkedHashSet<>(subscription.gone);
    subscription.gone.clear();
    if (!type.wildcard() || subscription.everything) {
      removed.addAll(subscription.sent.keySet());
      removed.removeAll(current.keySet());
      subscription.sent.keySet().retainAll(current.keySet());
    }
    return removed;
  }

  private void send(ResourceType type, Subscription subscription, Map<String, Any> current) {
    DeltaDiscoveryResponse.Builder response = response(type.url());
    current.forEach(
        (name, resource) -> {
          if (subscription.asked.contains(name) || !resource.equals(subscription.sent.get(name))) {
            response.addResources(
                Resource.newBuilder()
                    .setName(name)
                    .setVersion(Integer.toHexString(resource.getValue().hashCode()))
                    .setResource(resource));
            subscription.sent.put(name, resource);
            if (type == ResourceType.CDS) {
              endpointsToo(name);
            }
          }
        });
    subscription.asked.clear();
    if (response.getResourcesCount() > 0) {
      send(response.build());
    }
  }

  /** An Envoy that is given a cluster anew waits for its endpoints, even if it has them. */
  private void endpointsToo(String cluster) {
    Subscription endpoints = subscriptions.get(ResourceType.EDS);
    if (endpoints != null && endpoints.names.contains(cluster)) {
      endpoints.asked.add(cluster);
    }
  }

  private DeltaDiscoveryResponse.Builder response(String typeUrl) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(typeUrl)
        .setSystemVersionInfo(server().version())
        .setNonce(server().nextNonce());
  }
}
