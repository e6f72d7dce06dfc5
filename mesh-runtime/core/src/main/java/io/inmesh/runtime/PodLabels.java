package io.inmesh.runtime;

import io.inmesh.Setting;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The labels of this workload, and the one that tells its callers to speak mTLS. Istio's injector
 * puts that label on pods with a sidecar; istiod reads it from the pod, not from us.
 *
 * @param reported to the control plane
 * @param warning null: nothing to warn of
 */
record PodLabels(Map<String, String> reported, @Nullable String warning) {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh");
  private static final String TLS_MODE = "security.istio.io/tlsMode";

  static PodLabels of(Settings settings) {
    Map<String, String> labels = new LinkedHashMap<>();
    String file = settings.require(Setting.LABELS_FILE);
    Map<String, String> ofPod = settings.pod().labels(file);
    if (ofPod != null) {
      labels.putAll(ofPod);
    }
    labels.putAll(settings.pairs(Setting.LABELS, '='));
    if (settings.require(Setting.IDENTITY).equals("none")) {
      return new PodLabels(labels, null);
    }
    boolean silent = ofPod != null && !"istio".equals(ofPod.get(TLS_MODE));
    labels.putIfAbsent(TLS_MODE, "istio");
    return new PodLabels(
        labels,
        silent
            ? "the pod has no label "
                + TLS_MODE
                + ": istio (see "
                + file
                + "): istiod tells its callers to speak plaintext; add the label to the pod"
                + " template"
            : null);
  }

  void warn() {
    if (warning != null) {
      LOG.atWarn().log(warning);
    }
  }
}
