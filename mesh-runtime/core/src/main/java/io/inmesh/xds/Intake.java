package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.proto.envoy.service.discovery.v3.ResourceError;
import io.inmesh.proto.envoy.service.discovery.v3.ResourceName;
import io.inmesh.xds.HeldResources.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One response sorted by what it means here. Looks at the envelope of each resource, changes
 * nothing.
 */
final class Intake {
  private final TypeUrl type;
  private final TypeSubscription wanted;
  private final HeldResources held;

  private final Set<String> seen = new HashSet<>();
  private final List<XdsResource> changed = new ArrayList<>();
  private final Set<String> unchanged = new LinkedHashSet<>();
  private final Set<String> removed = new LinkedHashSet<>();
  private final Map<String, String> errors = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final Map<String, Held> arrived = new LinkedHashMap<>();
  private final Map<String, Duration> timesToLive = new LinkedHashMap<>();
  private final Update update;

  /**
   * @param complete the first response of this type on its stream, or complete by its protocol
   */
  Intake(
      DeltaDiscoveryResponse response,
      TypeUrl type,
      TypeSubscription wanted,
      HeldResources held,
      boolean complete) {
    this.type = type;
    this.wanted = wanted;
    this.held = held;
    for (Resource resource : response.getResourcesList()) {
      sort(resource);
    }
    response.getRemovedResourcesList().forEach(this::sortRemoved);
    for (ResourceName name : response.getRemovedResourceNamesList()) {
      sortRemoved(name.getName());
    }
    for (ResourceError error : response.getResourceErrorsList()) {
      if (wanted.wants(error.getResourceName().getName())) {
        errors.put(error.getResourceName().getName(), error.getErrorDetail().getMessage());
      }
    }
    boolean fullState = complete && wanted.wildcard() && held.knowsNoVersion();
    if (fullState) {
      for (String name : held.names()) {
        // asked for by name too: its absence would be said by name
        if (!seen.contains(name) && !wanted.named(name)) {
          removed.add(name);
        }
      }
    }
    this.update =
        new Update(
            type, changed, unchanged, removed, errors, response.getSystemVersionInfo(), fullState);
  }

  Update update() {
    return update;
  }

  /** Refused here, for their envelope. */
  Map<String, String> refused() {
    return refused;
  }

  /** What to hold if nobody refuses it: changed and unchanged resources. */
  Map<String, Held> arrived() {
    return arrived;
  }

  /** Of resources and heartbeats that carry one. */
  Map<String, Duration> timesToLive() {
    return timesToLive;
  }

  private void sort(Resource resource) {
    // one string for a name, which stands in a dozen tables
    String name =
        (resource.getName().isEmpty() && resource.hasResourceName()
                ? resource.getResourceName().getName()
                : resource.getName())
            .intern();
    if (!wanted.wants(name)) {
      if (name.isEmpty()) {
        // it may be one of those wanted
        refuse(name, "a resource without a name");
      }
      return;
    }
    if (!seen.add(name)) {
      refuse(name, "the name stands twice in one response");
      return;
    }
    Held before = held.get(name);
    if (!resource.hasResource()) {
      if (before == null) {
        refuse(name, "resource: is missing");
      } else {
        // a heartbeat
        unchanged.add(name);
        timeToLive(name, resource);
      }
      return;
    }
    String url = resource.getResource().getTypeUrl();
    if (!url.equals(type.url())) {
      refuse(name, "resource.type_url: is '" + url + "' in a response of " + type.url());
      return;
    }
    Held now =
        new Held(resource.getVersion(), HeldResources.digest(resource.getResource().getValue()));
    arrived.put(name, now);
    if (before != null && before.digest().equals(now.digest())) {
      unchanged.add(name);
    } else {
      changed.add(new XdsResource(name, now.version(), type, resource.getResource().getValue()));
    }
    timeToLive(name, resource);
  }

  @SuppressWarnings("ProtoDurationGetSecondsGetNano") // both parts are taken
  private void timeToLive(String name, Resource resource) {
    if (resource.hasTtl()) {
      timesToLive.put(
          name, Duration.ofSeconds(resource.getTtl().getSeconds(), resource.getTtl().getNanos()));
    }
  }

  private void sortRemoved(String name) {
    if (seen.contains(name)) {
      refuse(name, "is sent and removed in one response");
    } else if (wanted.named(name) || (wanted.wildcard() && held.get(name) != null)) {
      removed.add(name);
    }
  }

  private void refuse(String name, String reason) {
    refused.put(name, reason);
    arrived.remove(name);
    timesToLive.remove(name);
    unchanged.remove(name);
    changed.removeIf(resource -> resource.name().equals(name));
  }
}
