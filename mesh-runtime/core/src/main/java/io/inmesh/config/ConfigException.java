package io.inmesh.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Something in a message that cannot be compiled. Either Envoy would not accept it either: the
 * resource is refused (NACK) and the last good one stays. Or it is valid for Envoy and not known
 * here ({@link #isNotYet}): whoever compiles the message around turns it into a {@link NotYet}.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String fieldPath;
  private final String reason;
  private final boolean notYet;

  /**
   * Not valid.
   *
   * @param fieldPath where, in proto names, relative to what is being compiled: {@code
   *     match.headers[2].name}; may be empty
   * @param reason what is wrong and what would be right, without the path
   */
  public ConfigException(String fieldPath, String reason) {
    this(fieldPath, reason, false);
  }

  private ConfigException(String fieldPath, String reason, boolean notYet) {
    super(fieldPath.isEmpty() ? reason : fieldPath + ": " + reason, null, false, false);
    this.fieldPath = fieldPath;
    this.reason = reason;
    this.notYet = notYet;
  }

  /** Valid for Envoy, not known here. */
  public static ConfigException notYet(String fieldPath, String reason) {
    return new ConfigException(fieldPath, reason, true);
  }

  public String fieldPath() {
    return fieldPath;
  }

  public String reason() {
    return reason;
  }

  /** True when Envoy would accept the configuration. */
  public boolean isNotYet() {
    return notYet;
  }

  public NotYet toNotYet(String resource, boolean security) {
    return new NotYet(resource, fieldPath, reason, security);
  }

  /** The same error seen from the message around: paths are built only when something is wrong. */
  public ConfigException in(String outer) {
    String path = fieldPath.isEmpty() ? outer : outer + "." + fieldPath;
    return new ConfigException(path, reason, notYet);
  }

  /** Compiles a repeated field; an error names the index: {@code routes[3].match}. */
  public static <P, T> List<T> each(
      String field, List<? extends P> protos, Function<P, ? extends T> compile) {
    List<T> compiled = new ArrayList<>(protos.size());
    for (int i = 0; i < protos.size(); i++) {
      try {
        compiled.add(compile.apply(protos.get(i)));
      } catch (ConfigException e) {
        throw e.in(field + "[" + i + "]");
      }
    }
    return List.copyOf(compiled);
  }

  /** Compiles one field; an error names it. */
  public static <P, T> T field(String field, P proto, Function<P, ? extends T> compile) {
    try {
      return compile.apply(proto);
    } catch (ConfigException e) {
      throw e.in(field);
    }
  }
}
