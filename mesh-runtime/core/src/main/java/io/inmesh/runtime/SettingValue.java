package io.inmesh.runtime;

import io.inmesh.Setting;
import org.jspecify.annotations.Nullable;

/**
 * What a setting came to.
 *
 * @param origin in words: {@code system property}, {@code environment INMESH_IP}, {@code
 *     mesh.yaml:3}, {@code default}
 */
record SettingValue(Setting setting, @Nullable String value, String origin) {
  /** Where something was set wrong, for a message. */
  String where() {
    return setting.key() + " (" + origin + ")";
  }
}
