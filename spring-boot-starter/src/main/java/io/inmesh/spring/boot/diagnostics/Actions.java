package io.inmesh.spring.boot.diagnostics;

/** Words that several analyzers say. */
final class Actions {
  static final String OFF = "inmesh.enabled=false starts the application outside the mesh.";

  private Actions() {}
}
