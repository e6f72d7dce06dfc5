package io.inmesh.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The same code for two Nettys: what is mended in one is mended in the other. */
class TwinSourcesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/inmesh/grpc");

  @Test
  void theTwinsDifferInNamesOnly() throws IOException {
    assertThat(words("ShadedNettyTransport")).isEqualTo(words("NettyTransport"));
  }

  private static String words(String name) throws IOException {
    return Files.readString(SOURCES.resolve(name + ".java"))
        .replace("io.grpc.netty.shaded.io.", "io.")
        .replace("grpc-netty-shaded", "grpc-netty")
        .replace("ShadedNettyTransport", "NettyTransport")
        .replaceAll("(?m)^import .*$", "") // their order depends on their names
        .replaceAll("\\s+(\\* )?", " "); // so does where lines break
  }
}
