package io.inmesh.counts;

/** Nothing of its own: a request that shows that Envoy's worker has come so far. */
final class EchoCase {
  static final String NAME = "echo";

  private EchoCase() {}

  static Case make() {
    return Case.of(NAME, "h5").played(200, side -> side.send("*=200"));
  }
}
