package io.inmesh.telemetry;

import io.inmesh.config.PeerMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What peers say of themselves, read once for each wording. Bounded: what is full begins anew. */
final class Peers {
  private static final int LIMIT = 2_000;

  private final Map<String, PeerMetadata> headers = new ConcurrentHashMap<>();
  private final Map<String, PeerMetadata> baggage = new ConcurrentHashMap<>();
  private final Map<String, PeerMetadata> endpoints = new ConcurrentHashMap<>();

  PeerMetadata told(String metadata, boolean isBaggage) {
    return isBaggage
        ? of(metadata, baggage, PeerMetadata::ofBaggage)
        : of(metadata, headers, PeerMetadata::ofHeader);
  }

  PeerMetadata endpoint(String workload) {
    return workload.isEmpty()
        ? PeerMetadata.UNKNOWN
        : of(workload, endpoints, PeerMetadata::ofEndpoint);
  }

  private static PeerMetadata of(
      String text, Map<String, PeerMetadata> known, Function<String, @Nullable PeerMetadata> read) {
    PeerMetadata found = known.get(text);
    if (found != null) {
      return found;
    }
    if (known.size() >= LIMIT) {
      known.clear();
    }
    PeerMetadata made = read.apply(text);
    PeerMetadata kept = made == null ? PeerMetadata.UNKNOWN : made;
    known.put(text, kept);
    return kept;
  }
}
