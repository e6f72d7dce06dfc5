package io.inmesh.telemetry;

import io.inmesh.telemetry.MetricFamily.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every number of one mesh: counted as it happens, or read when somebody looks. What is exported,
 * to whomever, is exported from here. Thread-safe.
 */
public final class Metrics {
  private final Map<String, Family> families = new ConcurrentHashMap<>();
  private final List<Consumer<Gauges>> readers = new CopyOnWriteArrayList<>();
  private final List<Consumer<Family>> newFamilies = new CopyOnWriteArrayList<>();
  private final @Nullable HistogramSink sink;

  Metrics(@Nullable HistogramSink sink) {
    this.sink = sink;
  }

  Family family(String name, Type type, String help) {
    Family known = families.get(name);
    return known != null
        ? known
        : families.computeIfAbsent(
            name,
            n -> {
              Family made = new Family(n, type, help, sink);
              newFamilies.forEach(listener -> listener.accept(made));
              return made;
            });
  }

  /** Told of each family that is counted, when its first series begins. */
  void onFamily(Consumer<Family> listener) {
    newFamilies.add(listener);
  }

  /** One family at this moment; null: there is none. */
  @Nullable MetricFamily read(String name) {
    Family family = families.get(name);
    if (family != null) {
      return family.snapshot();
    }
    Gauges gauges = new Gauges();
    readers.forEach(reader -> reader.accept(gauges));
    return gauges.families().stream().filter(f -> f.name().equals(name)).findFirst().orElse(null);
  }

  /** Whoever can tell values only when asked. */
  public void onRead(Consumer<Gauges> reader) {
    readers.add(reader);
  }

  /** All families by name, at this moment. */
  public List<MetricFamily> read() {
    Map<String, MetricFamily> all = new TreeMap<>();
    for (Family family : families.values()) {
      all.put(family.name(), family.snapshot());
    }
    Gauges gauges = new Gauges();
    for (Consumer<Gauges> reader : readers) {
      reader.accept(gauges);
    }
    gauges.families().forEach(family -> all.merge(family.name(), family, Metrics::joined));
    return List.copyOf(all.values());
  }

  private static MetricFamily joined(MetricFamily one, MetricFamily other) {
    List<MetricFamily.Point> points = new ArrayList<>(one.points());
    points.addAll(other.points());
    return new MetricFamily(one.name(), one.type(), one.help(), points);
  }
}
