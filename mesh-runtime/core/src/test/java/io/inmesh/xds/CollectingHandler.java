package io.inmesh.xds;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Keeps what it hears, as a well-behaved user of resources would. */
class CollectingHandler implements ResourceHandler {
  final List<Update> updates = new CopyOnWriteArrayList<>();
  final List<String> late = new CopyOnWriteArrayList<>();
  final List<Disconnection> disconnections = new CopyOnWriteArrayList<>();
  volatile int connections;

  /** What to do with an update before it is taken; may throw. */
  volatile Consumer<Update> before = update -> {};

  /** What to refuse. */
  volatile Function<Update, Map<String, String>> judge = update -> Map.of();

  private final Map<TypeUrl, Map<String, XdsResource>> inUse = new LinkedHashMap<>();

  @Override
  public Map<String, String> onUpdate(Update update) {
    before.accept(update);
    Map<String, String> refused = judge.apply(update);
    synchronized (inUse) {
      Map<String, XdsResource> ofType = inUseOf(update.type());
      update.removed().forEach(ofType::remove);
      for (XdsResource resource : update.resources()) {
        if (!refused.containsKey(resource.name())) {
          ofType.put(resource.name(), resource);
        }
      }
    }
    updates.add(update);
    return refused;
  }

  @Override
  public void onInitialFetchTimeout(TypeUrl type, String name) {
    late.add(type + " " + name);
  }

  @Override
  public void onConnected() {
    connections++;
  }

  @Override
  public void onDisconnected(Disconnection disconnection) {
    disconnections.add(disconnection);
  }

  /** Live; on the configuration thread. */
  Map<String, XdsResource> inUseOf(TypeUrl type) {
    synchronized (inUse) {
      return inUse.computeIfAbsent(type, t -> new ConcurrentHashMap<>());
    }
  }

  Map<String, XdsResource> inUse(TypeUrl type) {
    synchronized (inUse) {
      return new LinkedHashMap<>(inUse.getOrDefault(type, Map.of()));
    }
  }

  List<String> names(TypeUrl type) {
    return new ArrayList<>(inUse(type).keySet());
  }
}
