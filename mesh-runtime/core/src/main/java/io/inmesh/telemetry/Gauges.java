package io.inmesh.telemetry;

import io.inmesh.telemetry.MetricFamily.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes values at the moment of a read. One thread. */
public final class Gauges {
  private final Map<String, MetricFamily> families = new TreeMap<>();

  /** A value of the mesh's own. */
  public void gauge(String name, String help, Labels labels, double value) {
    put(name, Type.GAUGE, help, labels, "", value);
  }

  /** A count that somebody else keeps. */
  public void counter(String name, String help, Labels labels, double value) {
    put(name, Type.COUNTER, help, labels, "", value);
  }

  /** One that Envoy has. */
  public void envoy(EnvoyScope scope, String leaf, double value) {
    EnvoyScope.Name name = scope.name(leaf);
    put(name.family(), Type.GAUGE, "", name.labels(), name.stat(), value);
  }

  /** One that Envoy has and that only rises. */
  public void envoyCount(EnvoyScope scope, String leaf, double value) {
    EnvoyScope.Name name = scope.name(leaf);
    put(name.family(), Type.COUNTER, "", name.labels(), name.stat(), value);
  }

  private void put(String name, Type type, String help, Labels labels, String stat, double value) {
    families
        .computeIfAbsent(name, n -> new MetricFamily(n, type, help, new ArrayList<>()))
        .points()
        .add(new MetricFamily.Point(labels, stat, value, List.of()));
  }

  List<MetricFamily> families() {
    return List.copyOf(families.values());
  }
}
