package io.inmesh.spring.boot.diagnostics;

import io.inmesh.MeshException;
import io.inmesh.MeshSettingException;
import io.inmesh.MeshStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Everything else that the mesh says no to: libraries that do not fit, unusable files. */
final class MeshFailureAnalyzer extends AbstractFailureAnalyzer<MeshException> {
  @Override
  protected @org.jspecify.annotations.Nullable FailureAnalysis analyze(
      Throwable failure, MeshException cause) {
    if (cause instanceof MeshSettingException || cause instanceof MeshStartException) {
      return null; // their own analyzers know more
    }
    return new FailureAnalysis(
        "The mesh cannot start: " + cause.getMessage() + ".",
        "Do what the description says. " + Actions.OFF,
        cause);
  }
}
