package io.inmesh.spring.boot;

import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** What a Spring Boot application knows of itself, for where nobody says otherwise. */
final class WorkloadDefaults {
  private WorkloadDefaults() {}

  /**
   * @param port of the application; null: it serves nothing
   */
  static void add(
      MeshConfig.Builder config,
      InmeshProperties properties,
      Environment environment,
      @Nullable Integer port) {
    String name = name(environment.getProperty("spring.application.name", ""));
    if (!name.isEmpty()) {
      config.setDefault(Setting.SERVICE_ACCOUNT, name);
      // the pod's own label counts, and this one would win over it
      if (!hasLabelsOfPod(properties)) {
        config.setDefault(Setting.LABELS, "app=" + name);
      }
      // several of them on one machine are several workloads
      config.setDefault(
          Setting.WORKLOAD, name + "-" + (port == null ? ProcessHandle.current().pid() : port));
    }
    if (port != null) {
      config.setDefault(Setting.PORTS, "http:" + port);
    }
  }

  /** As Kubernetes wants names: {@code My Shop} as {@code my-shop}. */
  private static String name(String application) {
    return application
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-+|-+$", "");
  }

  private static boolean hasLabelsOfPod(InmeshProperties properties) {
    Path file = properties.labelsFile();
    return Files.exists(file == null ? Path.of(Setting.LABELS_FILE.defaultValue()) : file);
  }
}
