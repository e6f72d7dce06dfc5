package io.inmesh.controlplane.config;

import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of the files that are in force, for a start at which one of them is bad. */
final class LastGood {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.config");

  private final Path directory;

  LastGood(Path directory) {
    this.directory = directory;
  }

  /** What was in force of the file; nothing when that is not known. */
  List<MeshObject> load(String name) {
    Path copy = directory.resolve(name);
    try {
      return Files.exists(copy)
          ? DocumentReader.read(name, Files.readString(copy, StandardCharsets.UTF_8))
          : List.of();
    } catch (IOException | ConfigRefused e) {
      log.atWarn()
          .addKeyValue("file", copy)
          .log("the copy of the last good state cannot be used: {}", e.getMessage());
      return List.of();
    }
  }

  void save(String name, String text) {
    try {
      OwnerOnlyFiles.createDirectories(directory);
      OwnerOnlyFiles.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("file", name)
          .log("its good state cannot be kept for the next start: {}", e.toString());
    }
  }

  /** Forgets the files that are gone. */
  void retain(Set<String> names) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> copies = Files.list(directory)) {
      for (Path copy : (Iterable<Path>) copies::iterator) {
        if (!names.contains(copy.getFileName().toString())) {
          Files.deleteIfExists(copy);
        }
      }
    } catch (IOException e) {
      log.atWarn().log("copies of files that are gone cannot be deleted: {}", e.toString());
    }
  }
}
