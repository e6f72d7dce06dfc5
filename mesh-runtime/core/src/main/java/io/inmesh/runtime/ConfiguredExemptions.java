package io.inmesh.runtime;

import io.inmesh.Setting;
import io.inmesh.call.PlaintextExemptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code inmesh.plaintext.paths} and {@code inmesh.plaintext.ports}. */
final class ConfiguredExemptions {
  private ConfiguredExemptions() {}

  static PlaintextExemptions of(Settings settings) {
    Set<Integer> ports = new HashSet<>();
    for (String port : parts(settings, Setting.PLAINTEXT_PORTS)) {
      if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
        throw settings.wrong(Setting.PLAINTEXT_PORTS, port, "ports separated by commas");
      }
      ports.add(Integer.parseInt(port));
    }
    Set<String> paths = new HashSet<>();
    for (String path : parts(settings, Setting.PLAINTEXT_PATHS)) {
      if (!path.startsWith("/") || path.startsWith("//") || !path.matches("[!-~]+")) {
        throw settings.wrong(
            Setting.PLAINTEXT_PATHS, path, "paths such as /healthz, separated by commas");
      }
      paths.add(path);
    }
    return ports.isEmpty() && paths.isEmpty()
        ? PlaintextExemptions.NONE
        : new PlaintextExemptions(ports, paths);
  }

  private static List<String> parts(Settings settings, Setting setting) {
    String text = settings.text(setting);
    return text == null
        ? List.of()
        : List.of(text.split(",")).stream().map(String::strip).filter(p -> !p.isEmpty()).toList();
  }
}
