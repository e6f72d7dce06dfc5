package io.inmesh.runtime;

import io.inmesh.telemetry.Telemetry;
import io.opentelemetry.api.OpenTelemetry;

/** The application's OpenTelemetry, where it has one and has given it: never the global one. */
final class OpenTelemetryPresence {
  private OpenTelemetryPresence() {}

  static boolean given(Settings settings) {
    try {
      return settings.object(OpenTelemetry.class) != null;
    } catch (NoClassDefFoundError e) {
      return false; // not on the class path, so nobody can have given one
    }
  }

  static void use(Settings settings, Telemetry.Builder telemetry) {
    OpenTelemetry given = settings.object(OpenTelemetry.class);
    if (given != null) {
      telemetry.openTelemetry(given);
    }
  }
}
