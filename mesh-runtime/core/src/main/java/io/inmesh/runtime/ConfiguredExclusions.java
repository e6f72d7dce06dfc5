package io.inmesh.runtime;

import io.inmesh.Setting;
import io.inmesh.call.Exclusions;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * {@link Setting#EXCLUDE}, and the switches that are thrown at run time. Reads two volatiles, takes
 * no lock.
 */
final class ConfiguredExclusions implements Exclusions {
  private volatile Set<String> excluded;
  private volatile boolean everything;

  ConfiguredExclusions(Settings settings) {
    Set<String> all = new HashSet<>();
    String text = settings.text(Setting.EXCLUDE);
    if (text != null) {
      for (String one : text.split(",")) {
        if (!one.isBlank()) {
          all.add(one.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    excluded = Set.copyOf(all);
  }

  /** The kill switch: from the next call on the mesh has no part in calls (true) or has again. */
  void everything(boolean off) {
    everything = off;
  }

  @Override
  public boolean excludes(String host, int port) {
    if (everything || Exclusions.isLoopback(host)) {
      return true;
    }
    Set<String> some = excluded;
    return !some.isEmpty() && (some.contains(host) || some.contains(host + ":" + port));
  }
}
