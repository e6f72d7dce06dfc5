package io.inmesh.runtime;

import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.MeshSettingException;
import io.inmesh.Setting;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every setting with its value and origin: builder, then system properties, environment, file, what
 * Kubernetes says of the pod, default.
 */
final class Settings {
  private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h|d)");

  private final Map<Setting, SettingValue> values = new EnumMap<>(Setting.class);
  private final PodInfo pod;
  private final MeshConfig config;

  private Settings(PodInfo pod, MeshConfig config) {
    this.pod = pod;
    this.config = config;
  }

  static Settings resolve(MeshConfig config) {
    return resolve(config, System::getProperty, System::getenv);
  }

  static Settings resolve(
      MeshConfig config,
      Function<String, @Nullable String> property,
      Function<String, @Nullable String> environment) {
    return resolve(config, property, environment, new PodInfo(environment, Path.of("/")));
  }

  static Settings resolve(
      MeshConfig config,
      Function<String, @Nullable String> property,
      Function<String, @Nullable String> environment,
      PodInfo pod) {
    Settings settings = new Settings(pod, config);
    settings.take(Setting.CONFIG_FILE, config, property, environment, Map.of());
    String file = settings.text(Setting.CONFIG_FILE);
    Map<Setting, SettingValue> fromFile =
        file == null ? Map.of() : SettingsFile.read(Path.of(file));
    for (Setting setting : Setting.values()) {
      if (setting != Setting.CONFIG_FILE) {
        settings.take(setting, config, property, environment, fromFile);
      }
    }
    return settings;
  }

  private void take(
      Setting setting,
      MeshConfig config,
      Function<String, @Nullable String> property,
      Function<String, @Nullable String> environment,
      Map<Setting, SettingValue> fromFile) {
    String value = config.values().get(setting);
    String origin = "MeshConfig builder";
    if (value == null) {
      value = property.apply(setting.key());
      origin = "system property " + setting.key();
    }
    if (value == null) {
      value = environment.apply(setting.environmentVariable());
      origin = "environment variable " + setting.environmentVariable();
    }
    SettingValue inFile = fromFile.get(setting);
    if (value == null && inFile != null) {
      values.put(setting, inFile);
      return;
    }
    SettingValue ofPod = value == null ? pod.setting(setting) : null;
    if (ofPod != null) {
      values.put(setting, ofPod);
      return;
    }
    if (value == null) {
      value = config.defaults().get(setting);
      origin = "default of the framework";
    }
    if (value == null) {
      value = setting.defaultValue();
      origin = "default";
    }
    values.put(setting, new SettingValue(setting, value, origin));
  }

  /** What the application has given; null: nothing of that type. */
  <T> @Nullable T object(Class<T> type) {
    return config.object(type);
  }

  /** What Kubernetes says beside settings. */
  PodInfo pod() {
    return pod;
  }

  private SettingValue value(Setting setting) {
    SettingValue value = values.get(setting);
    return value == null ? new SettingValue(setting, null, "default") : value;
  }

  @Nullable String text(Setting setting) {
    String value = value(setting).value();
    return value == null || value.isBlank() ? null : value.strip();
  }

  String require(Setting setting) {
    String text = text(setting);
    if (text == null) {
      throw new MeshSettingException(
          setting,
          "setting "
              + setting.key()
              + " is missing: set it as a system property, as "
              + setting.environmentVariable()
              + " in the environment, or in MeshConfig");
    }
    return text;
  }

  boolean flag(Setting setting) {
    String text = require(setting);
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(setting, text, "true or false");
    };
  }

  Duration duration(Setting setting) {
    String text = require(setting);
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw wrong(setting, text, "a duration such as 500ms, 30s, 5m or 24h");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** {@code a=1,b=2}, or with {@code :} for {@link Setting#PORTS}. */
  Map<String, String> pairs(Setting setting, char between) {
    Map<String, String> pairs = new LinkedHashMap<>();
    String text = text(setting);
    if (text == null) {
      return pairs;
    }
    for (String part : text.split(",")) {
      if (part.isBlank()) {
        continue;
      }
      int at = part.indexOf(between);
      if (at <= 0) {
        throw wrong(setting, part, "name" + between + "value, separated by commas");
      }
      pairs.put(part.substring(0, at).strip(), part.substring(at + 1).strip());
    }
    return pairs;
  }

  Path path(Setting setting) {
    String text = require(setting);
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw wrong(setting, text, "a path (" + e.getReason() + ")");
    }
  }

  /** {@code host:port}. */
  HostPort hostPort(Setting setting) {
    return hostPort(setting, require(setting));
  }

  /** Several, separated by commas. */
  List<HostPort> hostPorts(Setting setting) {
    List<HostPort> all = new ArrayList<>();
    String text = text(setting);
    if (text != null) {
      for (String one : text.split(",")) {
        if (!one.isBlank()) {
          all.add(hostPort(setting, one.strip()));
        }
      }
    }
    return all;
  }

  private HostPort hostPort(Setting setting, String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = colon <= 0 ? -1 : Integer.parseInt(text.substring(colon + 1));
      if (port > 0 && port < 65536) {
        return new HostPort(text.substring(0, colon), port);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(setting, text, "host:port");
  }

  MeshException wrong(Setting setting, String value, String wanted) {
    return new MeshSettingException(
        setting, "setting " + value(setting).where() + " is \"" + value + "\", expected " + wanted);
  }

  /**
   * One line for each setting that has a value: key, value, origin. No setting is a secret itself;
   * files that hold some are named.
   */
  String describe() {
    StringBuilder text = new StringBuilder();
    for (SettingValue value : values.values()) {
      if (value.value() != null && !value.value().isEmpty()) {
        text.append(value.setting().key())
            .append(" = ")
            .append(value.value())
            .append("   # ")
            .append(value.origin())
            .append('\n');
      }
    }
    return text.toString();
  }

  record HostPort(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }
}
