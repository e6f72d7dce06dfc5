package io.inmesh.spring.boot;

import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** {@code inmesh.*} of the environment in the runtime's words. */
final class MeshConfigs {
  private final MeshConfig.Builder config = MeshConfig.builder();

  private MeshConfigs() {}

  static MeshConfig.Builder of(InmeshProperties properties, Environment environment) {
    MeshConfigs configs = new MeshConfigs();
    configs.controlPlane(properties);
    configs.identity(properties);
    configs.workload(properties);
    configs.behaviour(properties);
    configs.others(environment);
    return configs.config;
  }

  /** Settings of the runtime that {@link InmeshProperties} does not have. */
  private void others(Environment environment) {
    Set<Setting> known = config.build().values().keySet();
    for (Setting setting : Setting.values()) {
      if (!known.contains(setting)) {
        set(setting, environment.getProperty(setting.key()));
      }
    }
  }

  private void controlPlane(InmeshProperties properties) {
    InmeshProperties.ControlPlane plane = properties.controlPlane();
    set(Setting.CONTROL_PLANE, plane.address());
    set(Setting.CONTROL_PLANE_FALLBACKS, plane.fallbacks());
    set(Setting.CONTROL_PLANE_PLAINTEXT, plane.plaintext());
    set(Setting.CONTROL_PLANE_SERVER_NAME, plane.serverName());
    set(Setting.CONTROL_PLANE_ROOTS, plane.rootsFile());
  }

  private void identity(InmeshProperties properties) {
    InmeshProperties.Identity identity = properties.identity();
    set(Setting.IDENTITY, identity.source());
    set(Setting.CA, identity.caAddress());
    set(Setting.IDENTITY_CHAIN_FILE, identity.chainFile());
    set(Setting.IDENTITY_KEY_FILE, identity.keyFile());
    set(Setting.IDENTITY_ROOTS_FILE, identity.rootsFile());
    set(Setting.IDENTITY_LIFETIME, identity.lifetime());
    set(Setting.TOKEN_FILE, properties.tokenFile());
    set(Setting.TRUST_DOMAIN, properties.trustDomain());
  }

  private void workload(InmeshProperties properties) {
    set(Setting.NAMESPACE, properties.namespace());
    set(Setting.SERVICE_ACCOUNT, properties.serviceAccount());
    set(Setting.WORKLOAD, properties.workload());
    set(Setting.LABELS, pairs(properties.labels(), "="));
    set(Setting.LABELS_FILE, properties.labelsFile());
    set(Setting.IP, properties.ip());
    set(Setting.PORTS, pairs(properties.ports(), ":"));
    set(Setting.CLUSTER_ID, properties.clusterId());
    set(Setting.LOCALITY, properties.locality());
  }

  private void behaviour(InmeshProperties properties) {
    config.enabled(properties.enabled());
    set(Setting.CONFIG_FILE, properties.configFile());
    set(Setting.START_LIMIT, properties.startLimit());
    MeshConfig.OnStartLimit then = properties.onStartLimit();
    set(
        Setting.ON_START_LIMIT,
        then == null ? null : then.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    set(Setting.LAST_KNOWN_GOOD_FILE, properties.lastKnownGood().file());
    set(Setting.DRAIN_LIMIT, properties.drainLimit());
    set(Setting.PLAINTEXT_PATHS, properties.plaintext().paths());
    set(Setting.PLAINTEXT_PORTS, properties.plaintext().ports());
    set(Setting.ON_SIDECAR, properties.onSidecar());
    set(Setting.EXCLUDE, properties.exclude());
  }

  /** What is not set is not set here either: others are asked then. */
  private void set(Setting setting, @Nullable Object value) {
    if (value instanceof Duration duration) {
      config.set(setting, duration.toMillis() + "ms");
    } else if (value instanceof Collection<?> list) {
      if (!list.isEmpty()) {
        config.set(setting, list.stream().map(Object::toString).collect(Collectors.joining(",")));
      }
    } else if (value != null && !value.toString().isEmpty()) {
      config.set(setting, value.toString());
    }
  }

  private static String pairs(Map<String, ?> map, String between) {
    return map.entrySet().stream()
        .map(pair -> pair.getKey() + between + pair.getValue())
        .collect(Collectors.joining(","));
  }
}
