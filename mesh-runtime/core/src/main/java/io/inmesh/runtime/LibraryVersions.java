package io.inmesh.runtime;

import io.grpc.ManagedChannel;
import io.inmesh.MeshException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Refuses to start on libraries that an application's own bill of materials brought too old. */
final class LibraryVersions {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** The oldest grpc-java that the tests run with (profile app-quarkus333). */
  private static final int GRPC_MINOR = 79;

  private LibraryVersions() {}

  static void check() {
    String problem = grpcProblem(ManagedChannel.class.getPackage().getImplementationVersion());
    if (problem != null) {
      throw new MeshException(problem);
    }
  }

  /** Null when the version is fine, or cannot be told. */
  static @Nullable String grpcProblem(@Nullable String version) {
    Matcher matcher = VERSION.matcher(version == null ? "" : version);
    if (!matcher.matches()) {
      return null;
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    if (major > 1 || (major == 1 && minor >= GRPC_MINOR)) {
      return null;
    }
    return "grpc-java "
        + version
        + " is on the class path; Inmesh needs 1."
        + GRPC_MINOR
        + " or newer: import io.inmesh:inmesh-bom, or raise grpc-bom in the application's"
        + " dependency management";
  }
}
