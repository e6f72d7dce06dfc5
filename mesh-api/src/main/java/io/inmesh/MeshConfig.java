package io.inmesh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a mesh is started with. Immutable. A value is taken from the first of these that has it:
 * this builder, system properties, environment variables, the YAML file named by {@link
 * Setting#CONFIG_FILE}, the default. The runtime can print each value with its origin.
 */
public final class MeshConfig {
  /** What happens when identity or configuration have not arrived within the start limit. */
  public enum OnStartLimit {
    /** {@link Mesh#start} throws. */
    FAIL,
    /** It returns; calls into the mesh fail with a clear error until the configuration is there. */
    WAIT,
    /**
     * The configuration that was last in force, kept in {@link Setting#LAST_KNOWN_GOOD_FILE}, is in
     * force until the control plane answers; {@link Mesh#start} throws if there is none.
     */
    LAST_KNOWN_GOOD
  }

  private final Map<Setting, String> values;
  private final Map<Setting, String> defaults;
  private final Map<Class<?>, Object> objects;

  private MeshConfig(Builder builder) {
    this.values = Map.copyOf(builder.values);
    this.defaults = Map.copyOf(builder.defaults);
    this.objects = Map.copyOf(builder.objects);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Nothing set here: system properties, environment, file and defaults only. */
  public static MeshConfig load() {
    return builder().build();
  }

  /** What was set by the builder, not yet resolved. */
  public Map<Setting, String> values() {
    return values;
  }

  /** What the builder says where nothing and nobody else does. */
  public Map<Setting, String> defaults() {
    return defaults;
  }

  /** An object that an adapter or the runtime asks for by its type; null when none was given. */
  public <T> @Nullable T object(Class<T> type) {
    return type.cast(objects.get(type));
  }

  /** Not thread-safe. */
  public static final class Builder {
    private final Map<Setting, String> values = new EnumMap<>(Setting.class);
    private final Map<Setting, String> defaults = new EnumMap<>(Setting.class);
    private final Map<Class<?>, Object> objects = new LinkedHashMap<>();

    private Builder() {}

    public Builder set(Setting setting, String value) {
      values.put(setting, value);
      return this;
    }

    /**
     * What holds where neither the builder, a system property, the environment, the file nor
     * Kubernetes says anything: for frameworks that know better than the built-in default.
     */
    public Builder setDefault(Setting setting, String value) {
      defaults.put(setting, value);
      return this;
    }

    public Builder enabled(boolean enabled) {
      return set(Setting.ENABLED, Boolean.toString(enabled));
    }

    /** {@code host:port} */
    public Builder controlPlane(String address) {
      return set(Setting.CONTROL_PLANE, address);
    }

    public Builder controlPlaneRoots(Path pem) {
      return set(Setting.CONTROL_PLANE_ROOTS, pem.toString());
    }

    public Builder tokenFile(Path file) {
      return set(Setting.TOKEN_FILE, file.toString());
    }

    /**
     * Who this workload is: {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>}.
     */
    public Builder identity(String namespace, String serviceAccount) {
      return set(Setting.NAMESPACE, namespace).set(Setting.SERVICE_ACCOUNT, serviceAccount);
    }

    public Builder workload(String name) {
      return set(Setting.WORKLOAD, name);
    }

    public Builder labels(Map<String, String> labels) {
      return set(
          Setting.LABELS,
          labels.entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining(",")));
    }

    public Builder ip(String address) {
      return set(Setting.IP, address);
    }

    /** A port of the application, by the name that its service gives it. */
    public Builder port(String name, int port) {
      return set(Setting.PORTS, values.getOrDefault(Setting.PORTS, "") + "," + name + ":" + port);
    }

    public Builder startLimit(Duration limit, OnStartLimit then) {
      return set(Setting.START_LIMIT, limit.toMillis() + "ms")
          .set(Setting.ON_START_LIMIT, then.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    public Builder configFile(Path yaml) {
      return set(Setting.CONFIG_FILE, yaml.toString());
    }

    /** Hands an object to whoever asks for its type: an adapter, the runtime. */
    public <T> Builder with(Class<T> type, T object) {
      objects.put(type, object);
      return this;
    }

    public MeshConfig build() {
      return new MeshConfig(this);
    }
  }
}
