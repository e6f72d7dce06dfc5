package io.inmesh.controlplane.local;

import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application adds to the configuration of the local mesh, kept up to date while it lives:
 * copies of its YAML, by where they come from (two applications with the same folder publish one
 * copy), or the description of its own service. They stay when it ends, for those that still run;
 * the first application of a new day sweeps them.
 */
final class PublishedFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.local");
  private static final long LOOK_MILLIS = 300;
  private static final String COPY = "copy-";

  /** What should be there now, by name. */
  private interface Source {
    Map<String, String> files() throws IOException;
  }

  private final Path mesh;
  private final Source source;
  private final String prefix;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "inmesh-local-config");
            thread.setDaemon(true);
            return thread;
          });
  private String lastFailure = "";

  private PublishedFolder(Path mesh, String prefix, Source source) throws IOException {
    this.mesh = mesh;
    this.prefix = prefix;
    this.source = source;
    publish();
    var unused =
        looks.scheduleWithFixedDelay(
            this::publishQuietly, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A folder of YAML.
   *
   * @param needed false: it may also come later
   */
  static PublishedFolder follow(Path folder, boolean needed, Path mesh) throws IOException {
    Path source = folder.toAbsolutePath().normalize();
    if (needed && !Files.isDirectory(source)) {
      throw new IOException("the folder with the mesh's configuration does not exist: " + source);
    }
    String prefix = COPY + Integer.toHexString(source.hashCode()) + "-";
    return new PublishedFolder(
        mesh,
        prefix,
        () -> {
          Map<String, String> files = new HashMap<>();
          for (Path file : yamls(source)) {
            files.put(
                prefix + file.getFileName(), "# copy of " + file + "\n" + Files.readString(file));
          }
          return files;
        });
  }

  /** A service, as long as nobody else describes it. */
  static PublishedFolder service(Path mesh, GeneratedService service) throws IOException {
    return new PublishedFolder(
        mesh,
        service.file(),
        () -> {
          List<String> others = new ArrayList<>();
          for (Path file : yamls(mesh)) {
            if (!file.getFileName().toString().startsWith("service-")) {
              others.add(Files.readString(file));
            }
          }
          return service.describedIn(others) ? Map.of() : Map.of(service.file(), service.yaml());
        });
  }

  /** Removes what applications of earlier days have left. */
  static void sweep(Path mesh) throws IOException {
    for (Path file : yamls(mesh)) {
      String name = file.getFileName().toString();
      if (name.startsWith(COPY) || name.startsWith("service-")) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static List<Path> yamls(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return files;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "[!.]*.{yaml,yml}")) {
      all.forEach(files::add);
    }
    return files;
  }

  private void publish() throws IOException {
    Map<String, String> wanted = source.files();
    for (Map.Entry<String, String> file : wanted.entrySet()) {
      Path target = mesh.resolve(file.getKey());
      if (!Files.exists(target) || !Files.readString(target).equals(file.getValue())) {
        OwnerOnlyFiles.write(target, file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    for (Path present : yamls(mesh)) {
      String name = present.getFileName().toString();
      if (name.startsWith(prefix) && !wanted.containsKey(name)) {
        Files.deleteIfExists(present);
      }
    }
  }

  private void publishQuietly() {
    try {
      publish();
      lastFailure = "";
    } catch (IOException | RuntimeException e) {
      if (!e.toString().equals(lastFailure)) {
        lastFailure = e.toString();
        LOG.atWarn()
            .log("the local mesh's configuration cannot be kept up to date: {}", lastFailure);
      }
    }
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
