package io.inmesh.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The test sources of all modules: a row may name a test of an adapter. */
final class TestSources {
  private static final Map<String, String> SOURCES = read(repository());

  private TestSources() {}

  /** {@code io.inmesh.config.ClusterTest#roundRobin}. */
  static boolean exists(String test) {
    int hash = test.indexOf('#');
    String source = hash < 0 ? null : SOURCES.get(test.substring(0, hash));
    return source != null
        && Pattern.compile("\\bvoid\\s+" + Pattern.quote(test.substring(hash + 1)) + "\\s*\\(")
            .matcher(source)
            .find();
  }

  /** The directory that holds all modules. */
  static Path repository() {
    Path dir = Path.of("").toAbsolutePath();
    while (dir != null && !Files.exists(dir.resolve("mesh-runtime"))) {
      dir = dir.getParent();
    }
    if (dir == null) {
      throw new IllegalStateException("not inside the repository: " + Path.of("").toAbsolutePath());
    }
    return dir;
  }

  private static Map<String, String> read(Path repository) {
    Map<String, String> sources = new HashMap<>();
    try {
      Files.walkFileTree(
          repository,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              String name = String.valueOf(dir.getFileName());
              boolean skip = name.equals("target") || name.equals("main") || name.startsWith(".");
              return skip && !dir.equals(repository)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              String path = file.toString().replace('\\', '/');
              int start = path.lastIndexOf("/src/test/java/");
              if (start >= 0 && path.endsWith(".java")) {
                String name = path.substring(start + "/src/test/java/".length());
                sources.put(
                    name.replace('/', '.').substring(0, name.length() - ".java".length()),
                    Files.readString(file));
              }
              return FileVisitResult.CONTINUE;
            }
          });
      return sources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
