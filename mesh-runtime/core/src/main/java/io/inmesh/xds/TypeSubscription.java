package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of one type, and how much of that the control plane has been told on the present
 * stream.
 */
final class TypeSubscription {
  static final String WILDCARD = "*";

  private final TypeUrl type;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> toSubscribe = new LinkedHashSet<>();
  private final Set<String> toUnsubscribe = new LinkedHashSet<>();
  private boolean wildcard;
  private boolean told;

  TypeSubscription(TypeUrl type) {
    this.type = type;
  }

  boolean wildcard() {
    return wildcard;
  }

  int size() {
    return names.size();
  }

  Set<String> names() {
    return names;
  }

  boolean named(String name) {
    return names.contains(name);
  }

  boolean wants(String name) {
    return wildcard || names.contains(name);
  }

  /** A new stream knows nothing of what the last one was told. */
  void streamOpened() {
    told = false;
    toSubscribe.clear();
    toUnsubscribe.clear();
  }

  boolean watchAll() {
    if (wildcard) {
      return false;
    }
    wildcard = true;
    if (told) {
      toSubscribe.add(WILDCARD);
    }
    return true;
  }

  boolean subscribe(String name) {
    if (!names.add(name)) {
      return false;
    }
    if (told) {
      toSubscribe.add(name);
    }
    return true;
  }

  boolean unsubscribe(String name) {
    if (!names.remove(name)) {
      return false;
    }
    if (told && !toSubscribe.remove(name)) {
      toUnsubscribe.add(name);
    }
    return true;
  }

  /**
   * The next request that is due, or null.
   *
   * @param heldVersions asked for once, for the first request on a stream
   */
  DeltaDiscoveryRequest.@Nullable Builder nextRequest(Supplier<Map<String, String>> heldVersions) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
    if (!told) {
      if (!wildcard && names.isEmpty()) {
        // a first request without names would mean the wildcard
        return null;
      }
      told = true;
      if (!names.isEmpty()) {
        if (wildcard) {
          request.addResourceNamesSubscribe(WILDCARD);
        }
        request.addAllResourceNamesSubscribe(names);
      }
      return request.putAllInitialResourceVersions(heldVersions.get());
    }
    if (toSubscribe.isEmpty() && toUnsubscribe.isEmpty()) {
      return null;
    }
    request.addAllResourceNamesUnsubscribe(toUnsubscribe);
    // a name that is to be fetched anew goes out twice: in one request the order would be the
    // server's choice
    boolean apart = !Collections.disjoint(toSubscribe, toUnsubscribe);
    toUnsubscribe.clear();
    if (!apart) {
      request.addAllResourceNamesSubscribe(toSubscribe);
      toSubscribe.clear();
    }
    return request;
  }
}
