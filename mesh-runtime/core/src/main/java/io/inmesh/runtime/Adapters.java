package io.inmesh.runtime;

import io.inmesh.MeshException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The adapters on the class path, by the type they wrap. */
final class Adapters {
  private final Map<Class<?>, MeshAdapter<?>> byType = new LinkedHashMap<>();

  /**
   * @throws MeshException when a library that an adapter is for is on the class path in a version
   *     that cannot be meshed
   */
  static Adapters load() {
    Adapters adapters = new Adapters();
    for (ServiceLoader.Provider<MeshAdapter> provider :
        ServiceLoader.load(MeshAdapter.class).stream().toList()) {
      adapters.add(provider);
    }
    return adapters;
  }

  @SuppressWarnings("rawtypes")
  private void add(ServiceLoader.Provider<MeshAdapter> provider) {
    MeshAdapter<?> adapter;
    String problem;
    Class<?> type;
    try {
      adapter = provider.get();
      problem = adapter.problem();
      type = adapter.type();
    } catch (NoClassDefFoundError e) {
      return; // the adapted library is not there: it is optional
    }
    if (problem != null) {
      throw new MeshException(problem);
    }
    byType.put(type, adapter);
  }

  <T> T wrap(Class<T> type, T target, MeshServices services) {
    MeshAdapter<T> adapter = find(type);
    if (adapter == null) {
      TreeSet<String> known = new TreeSet<>();
      byType.keySet().forEach(t -> known.add(t.getName()));
      throw new MeshException(
          "no adapter on the class path wraps "
              + type.getName()
              + "; those found wrap "
              + (known.isEmpty() ? "nothing: add inmesh-okhttp, inmesh-tomcat, ..." : known));
    }
    return adapter.wrap(target, services);
  }

  @SuppressWarnings("unchecked")
  private <T> @Nullable MeshAdapter<T> find(Class<T> type) {
    return (MeshAdapter<T>) byType.get(type);
  }
}
