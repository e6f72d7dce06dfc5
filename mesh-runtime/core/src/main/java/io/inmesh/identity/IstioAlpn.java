package io.inmesh.identity;

import org.jspecify.annotations.Nullable;

/** Istio's names for protocols, and the ones that HTTP libraries know. */
final class IstioAlpn {
  private IstioAlpn() {}

  /** Null and what is no name of Istio's stay as they are. */
  static @Nullable String plain(@Nullable String chosen) {
    if (chosen == null) {
      return null;
    }
    return switch (chosen) {
      case "istio-h2" -> "h2";
      case "istio-http/1.1" -> "http/1.1";
      case "istio", "istio-peer-exchange" -> "";
      default -> chosen;
    };
  }
}
