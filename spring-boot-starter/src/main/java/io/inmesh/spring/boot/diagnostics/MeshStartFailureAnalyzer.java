package io.inmesh.spring.boot.diagnostics;

import io.inmesh.MeshStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Identity or configuration did not come in time. */
final class MeshStartFailureAnalyzer extends AbstractFailureAnalyzer<MeshStartException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, MeshStartException cause) {
    return new FailureAnalysis(
        "The application is not in the mesh: " + cause.getMessage() + ".",
        "Look whether the control plane runs at "
            + cause.controlPlane()
            + " (inmesh.control-plane.address) and can be reached from here, and whether the token"
            + " (inmesh.token-file) is one of its own. On a laptop inmesh.local=true needs none."
            + " To start without it and wait, set inmesh.on-start-limit=wait. "
            + Actions.OFF,
        cause);
  }
}
