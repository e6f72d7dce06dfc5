package io.inmesh.runtime;

import com.google.protobuf.ByteString;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The bytes of what is accepted, for dumps; kept only where there is an admin server. */
final class ConfigArchive {
  /** One resource. */
  record Kept(String version, ByteString body, Instant at) {}

  private final Map<TypeUrl, Map<String, Kept>> resources = new ConcurrentHashMap<>();

  /** On the configuration thread. */
  void accepted(Update update, Set<String> refused) {
    Map<String, Kept> of =
        resources.computeIfAbsent(update.type(), t -> new ConcurrentSkipListMap<>());
    for (XdsResource resource : update.resources()) {
      if (!refused.contains(resource.name())) {
        of.put(resource.name(), new Kept(resource.version(), resource.body(), Instant.now()));
      }
    }
    of.keySet().removeAll(update.removed());
  }

  void forget(TypeUrl type, Collection<String> names) {
    Map<String, Kept> of = resources.get(type);
    if (of != null) {
      of.keySet().removeAll(Set.copyOf(names));
    }
  }

  Map<String, Kept> of(TypeUrl type) {
    return new TreeMap<>(resources.getOrDefault(type, Map.of()));
  }
}
