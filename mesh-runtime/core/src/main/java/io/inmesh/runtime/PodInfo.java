package io.inmesh.runtime;

import io.inmesh.MeshException;
import io.inmesh.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What Kubernetes tells a process of its pod: environment variables by the names that Istio's
 * injector gives them (downward API), the namespace of the service account, and a file of labels.
 */
final class PodInfo {
  private static final Map<Setting, String> VARIABLES =
      Map.of(
          Setting.NAMESPACE, "POD_NAMESPACE",
          Setting.SERVICE_ACCOUNT, "SERVICE_ACCOUNT",
          Setting.WORKLOAD, "POD_NAME",
          Setting.IP, "INSTANCE_IP",
          Setting.CLUSTER_ID, "ISTIO_META_CLUSTER_ID");

  private static final String NAMESPACE_FILE =
      "var/run/secrets/kubernetes.io/serviceaccount/namespace";

  private final Function<String, @Nullable String> environment;
  private final Path root;

  /**
   * @param root of the file system
   */
  PodInfo(Function<String, @Nullable String> environment, Path root) {
    this.environment = environment;
    this.root = root;
  }

  /** Null: Kubernetes says nothing of it. */
  @Nullable SettingValue setting(Setting setting) {
    String variable = VARIABLES.get(setting);
    String value = variable == null ? null : environment.apply(variable);
    if (value != null && !value.isBlank()) {
      return new SettingValue(setting, value, "environment variable " + variable);
    }
    if (setting == Setting.NAMESPACE) {
      Path file = root.resolve(NAMESPACE_FILE);
      String namespace = read(file);
      return namespace == null ? null : new SettingValue(setting, namespace.strip(), "" + file);
    }
    return null;
  }

  /** {@code ISTIO_META_NAME}; null where it is not set. */
  @Nullable String metadata(String name) {
    String value = environment.apply("ISTIO_META_" + name);
    return value == null || value.isBlank() ? null : value;
  }

  /**
   * The pod's labels from a file of the downward API, a line {@code name="value"} for each; null:
   * there is no such file.
   */
  @Nullable Map<String, String> labels(String file) {
    Path path = root.resolve(file.startsWith("/") ? file.substring(1) : file);
    String text = read(path);
    if (text == null) {
      return null;
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      int at = line.indexOf('=');
      if (at > 0) {
        labels.put(line.substring(0, at).strip(), unquoted(line.substring(at + 1).strip()));
      } else if (!line.isBlank()) {
        throw new MeshException(
            path + " is no file of labels: expected name=\"value\" in each line, found: " + line);
      }
    }
    return labels;
  }

  /** Values of labels are letters, digits, {@code -_.}: there is nothing to unescape. */
  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  private static @Nullable String read(Path file) {
    try {
      return Files.isReadable(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw new MeshException(file + " cannot be read: " + e, e);
    }
  }
}
