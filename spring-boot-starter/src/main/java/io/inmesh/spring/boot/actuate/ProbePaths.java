package io.inmesh.spring.boot.actuate;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.core.env.Environment;

/**
 * The paths that a kubelet probes on the application's own port. They say UP or DOWN and carry
 * nothing else, so that they may be served in plaintext under STRICT.
 */
final class ProbePaths {
  private ProbePaths() {}

  static List<String> of(Environment environment) {
    if (!flag(environment, "management.endpoint.health.probes.enabled", true)) {
      return List.of();
    }
    String context = clean(environment.getProperty("server.servlet.context-path", ""));
    String base =
        clean(environment.getProperty("spring.mvc.servlet.path", ""))
            + clean(environment.getProperty("spring.webflux.base-path", ""));
    List<String> paths = new ArrayList<>();
    if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
      String actuator =
          clean(environment.getProperty("management.endpoints.web.base-path", "/actuator"));
      String health =
          clean(environment.getProperty("management.endpoints.web.path-mapping.health", "health"));
      paths.add(context + base + actuator + health + "/liveness");
      paths.add(context + base + actuator + health + "/readiness");
    }
    if (flag(environment, "management.endpoint.health.probes.add-additional-paths", false)) {
      paths.add(context + base + "/livez");
      paths.add(context + base + "/readyz");
    }
    return paths;
  }

  private static boolean flag(Environment environment, String name, boolean otherwise) {
    return environment.getProperty(name, Boolean.class, otherwise);
  }

  /** {@code actuator/} as {@code /actuator}, {@code /} as nothing. */
  private static String clean(String path) {
    String inner = path.strip().replaceAll("^/+|/+$", "");
    return inner.isEmpty() ? "" : "/" + inner;
  }
}
