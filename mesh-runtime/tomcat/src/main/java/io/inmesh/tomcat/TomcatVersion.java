package io.inmesh.tomcat;

import org.apache.catalina.util.ServerInfo;
import org.jspecify.annotations.Nullable;

/** Whether the Tomcat on the class path is one that can be meshed. */
final class TomcatVersion {
  private TomcatVersion() {}

  /** In words, with what to do; null: none. */
  static @Nullable String problem() {
    return problem(ServerInfo.getServerNumber());
  }

  static @Nullable String problem(String version) {
    return version.startsWith("11.")
        ? null
        : "Inmesh needs Tomcat 11, the class path has "
            + version
            + " (10.1 has no way to choose TLS for each connection): use tomcat-embed-core 11,"
            + " or take inmesh-tomcat off the class path";
  }
}
