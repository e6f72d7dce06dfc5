package io.inmesh.envoy;

/** Envoy did not take what it was given; the message carries Envoy's own words. */
public final class EnvoyRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EnvoyRefusedException(String message) {
    super(message);
  }
}
