package io.inmesh.recordings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * JSON as maps, lists and scalars; JSON is YAML 1.2, so the YAML library that core has reads it.
 */
final class Json {
  private Json() {}

  static Object read(Path file) {
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(file.toString()).setCodePointLimit(50_000_000).build();
      return Objects.requireNonNull(new Load(settings).loadFromString(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(@Nullable Object value) {
    return value == null ? List.of() : (List<Object>) value;
  }

  static List<String> strings(@Nullable Object value) {
    return list(value).stream().map(Json::string).toList();
  }

  static String string(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  static int integer(@Nullable Object value) {
    return value == null ? 0 : ((Number) value).intValue();
  }
}
