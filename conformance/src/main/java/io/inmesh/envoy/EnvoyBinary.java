package io.inmesh.envoy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Where the real Envoy is. The system property {@code inmesh.test.envoy} names a binary; without it
 * {@code build/envoy.sh} of this repository finds one, or installs it.
 */
public final class EnvoyBinary {
  private static final String SCRIPT = "build/envoy.sh";
  private static final Search SEARCH = search();

  private EnvoyBinary() {}

  private record Search(@Nullable Path binary, String reason) {}

  /**
   * The binary. Where there is none the running test is skipped, and says so on standard error;
   * under {@code CI=true} it fails.
   */
  public static Path require() {
    Path binary = SEARCH.binary();
    if (binary != null) {
      return binary;
    }
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError("CI=true and no Envoy to judge by: " + SEARCH.reason());
    }
    System.err.println("SKIPPED LOUDLY: no Envoy to judge by: " + SEARCH.reason());
    return Assumptions.abort("no Envoy: " + SEARCH.reason());
  }

  private static Search search() {
    String named = System.getProperty("inmesh.test.envoy", "");
    if (!named.isEmpty()) {
      return Files.isExecutable(Path.of(named))
          ? new Search(Path.of(named), "")
          : new Search(null, "inmesh.test.envoy=" + named + " is not an executable file");
    }
    Path root = Path.of("").toAbsolutePath();
    while (root != null && !Files.exists(root.resolve(SCRIPT))) {
      root = root.getParent();
    }
    return root == null ? new Search(null, "no " + SCRIPT + " above here") : run(root);
  }

  private static Search run(Path root) {
    try {
      Process process =
          new ProcessBuilder("sh", SCRIPT)
              .directory(root.toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0
          ? new Search(Path.of(said.substring(said.lastIndexOf('\n') + 1)), "")
          : new Search(null, said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Search(null, "interrupted");
    }
  }
}
