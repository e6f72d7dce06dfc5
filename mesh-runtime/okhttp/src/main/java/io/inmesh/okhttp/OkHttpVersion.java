package io.inmesh.okhttp;

import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Whether the OkHttp on the class path has what the adapter is built on. */
final class OkHttpVersion {
  private static final int MAJOR = 5;
  private static final int MINOR = 4;

  private OkHttpVersion() {}

  /**
   * By reflection: {@code OkHttp.VERSION} is a constant, which the compiler would copy into this
   * class.
   */
  static @Nullable String problem() {
    try {
      Class<?> okhttp = Class.forName("okhttp3.OkHttp");
      Field version = okhttp.getField("VERSION");
      return problem(String.valueOf(version.get(null)));
    } catch (ReflectiveOperationException e) {
      return "this is no OkHttp that Inmesh knows (" + e + ")" + advice();
    }
  }

  static @Nullable String problem(String version) {
    String[] parts = version.split("[.-]", 3);
    try {
      int major = Integer.parseInt(parts[0]);
      int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      if (major > MAJOR || (major == MAJOR && minor >= MINOR)) {
        return null;
      }
    } catch (NumberFormatException e) {
      return "OkHttp has a version that cannot be read: " + version + advice();
    }
    return "OkHttp " + version + " is too old" + advice();
  }

  private static String advice() {
    return ": put com.squareup.okhttp3:okhttp-jvm "
        + MAJOR
        + "."
        + MINOR
        + " or newer on the class path (see what brings the other one with mvn dependency:tree"
        + " -Dincludes=com.squareup.okhttp3), or leave inmesh-okhttp out";
  }
}
