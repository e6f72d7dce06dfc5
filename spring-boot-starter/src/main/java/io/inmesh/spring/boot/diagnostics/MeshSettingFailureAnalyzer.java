package io.inmesh.spring.boot.diagnostics;

import io.inmesh.MeshSettingException;
import io.inmesh.Setting;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** A setting is missing or cannot be used. */
final class MeshSettingFailureAnalyzer extends AbstractFailureAnalyzer<MeshSettingException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, MeshSettingException cause) {
    return new FailureAnalysis(
        "The mesh cannot start: " + cause.getMessage() + ".", action(cause.setting()), cause);
  }

  private static String action(Setting setting) {
    String set =
        "Set "
            + setting.key()
            + " in application.yaml, or "
            + setting.environmentVariable()
            + " in the environment.";
    return switch (setting) {
      case CONTROL_PLANE_ROOTS ->
          "In Kubernetes mount the config map istio-ca-root-cert at /var/run/secrets/istio. On a"
              + " laptop set inmesh.local=true: the applications of this machine run a control"
              + " plane by themselves. "
              + set
              + " "
              + Actions.OFF;
      default -> set;
    };
  }
}
