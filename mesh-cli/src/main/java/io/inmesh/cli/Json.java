package io.inmesh.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, text, numbers (exact) and booleans; and how to get about in it. */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .setObjectToNumberStrategy(ToNumberPolicy.BIG_DECIMAL)
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .serializeNulls()
          .create();

  private Json() {}

  /**
   * @throws IllegalArgumentException not JSON; the text says where
   */
  public static @Nullable Object parse(String text) {
    try {
      return GSON.fromJson(new StringReader(text), new TypeToken<@Nullable Object>() {}.getType());
    } catch (JsonParseException | ArithmeticException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          String.valueOf(cause.getMessage()).lines().findFirst().orElse(""), e);
    }
  }

  public static String text(@Nullable Object tree) {
    return GSON.toJson(tree) + "\n";
  }

  /** The object, or an empty one when it is something else or not there. */
  @SuppressWarnings("unchecked")
  public static Map<String, @Nullable Object> map(@Nullable Object value) {
    return value instanceof Map ? (Map<String, @Nullable Object>) value : Map.of();
  }

  /** The list, or an empty one. */
  @SuppressWarnings("unchecked")
  public static List<@Nullable Object> list(@Nullable Object value) {
    return value instanceof List ? (List<@Nullable Object>) value : List.of();
  }

  /** The value as text, or an empty text. */
  public static String string(@Nullable Object value) {
    return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
  }

  /** A field in either spelling: {@code host_statuses} or {@code hostStatuses}. */
  public static @Nullable Object get(@Nullable Object tree, String name) {
    Map<String, @Nullable Object> map = map(tree);
    return map.containsKey(name) ? map.get(name) : map.get(camel(name));
  }

  static long number(@Nullable Object value) {
    try {
      return value == null ? 0 : new java.math.BigDecimal(value.toString()).longValue();
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static String camel(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_' && i + 1 < name.length()) {
        text.append(Character.toUpperCase(name.charAt(++i)));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
