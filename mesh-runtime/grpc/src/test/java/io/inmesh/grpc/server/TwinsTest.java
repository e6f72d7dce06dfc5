package io.inmesh.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is written twice, for Netty and for the one inside grpc-netty-shaded, is the same. */
class TwinsTest {
  private static final Path SOURCES = Path.of("src/main/java/io/inmesh/grpc/server");

  @Test
  void bothPortsAreTheSameCode() throws IOException {
    assertThat(code("ShadedNettyPort")).isEqualTo(code("NettyPort"));
  }

  /** Without imports' order and comments, which the formatter lays out by length. */
  private static String code(String name) throws IOException {
    String text =
        Files.readString(SOURCES.resolve(name + ".java"))
            .replace("io.grpc.netty.shaded.io.", "io.")
            .replace("ShadedNettyPort", "NettyPort")
            .replaceAll("(?s)/\\*\\*.*?\\*/", "");
    String imports =
        text.lines()
            .filter(line -> line.startsWith("import"))
            .sorted()
            .collect(Collectors.joining());
    String rest =
        text.lines().filter(line -> !line.startsWith("import")).collect(Collectors.joining("\n"));
    return imports + rest.replaceAll("\\s+", " ");
  }
}
