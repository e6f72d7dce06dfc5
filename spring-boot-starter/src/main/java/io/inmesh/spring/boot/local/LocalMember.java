package io.inmesh.spring.boot.local;

import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Who an application is in the local mesh, from what is set and known so far.
 *
 * @param app label {@code app}; null: none
 * @param serves whether it has a port
 */
record LocalMember(String namespace, String serviceAccount, @Nullable String app, boolean serves) {
  static LocalMember of(MeshConfig config) {
    return new LocalMember(
        value(config, Setting.NAMESPACE),
        value(config, Setting.SERVICE_ACCOUNT),
        app(value(config, Setting.LABELS)),
        !value(config, Setting.PORTS).isEmpty());
  }

  private static @Nullable String app(String labels) {
    for (String label : labels.split(",")) {
      if (label.strip().startsWith("app=")) {
        return label.strip().substring("app=".length());
      }
    }
    return null;
  }

  private static String value(MeshConfig config, Setting setting) {
    String value = config.values().get(setting);
    if (value == null) {
      value = config.defaults().get(setting);
    }
    return value != null ? value : setting.defaultValue() == null ? "" : setting.defaultValue();
  }
}
