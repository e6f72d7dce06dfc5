package io.inmesh.controlplane.config;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls back when the directory has changed and has come to rest. Notified by the operating system
 * where it can (some notify after seconds, some file systems never), and looking every 50 ms for
 * itself.
 */
public final class ConfigWatcher implements AutoCloseable {
  private static final long POLL_MILLIS = 50;
  private static final long SETTLE_MILLIS = 8;

  /** A file that is empty now and was not: an editor has truncated it and is about to write. */
  private static final long TRUNCATED_MILLIS = 60;

  private final Path directory;
  private final Runnable onChange;
  private final WatchService watch;
  private final Thread thread;
  private volatile boolean closed;

  private record Stamp(long size, long modifiedNanos, @Nullable Object key) {}

  public ConfigWatcher(Path directory, Runnable onChange) throws IOException {
    this.directory = directory;
    this.onChange = onChange;
    this.watch = directory.getFileSystem().newWatchService();
    directory.register(
        watch,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    this.thread = new Thread(this::run, "inmesh-config-watcher");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Map<String, Stamp> last = Map.of();
    boolean first = true;
    try {
      while (!closed) {
        boolean notified = await(first ? 0 : POLL_MILLIS);
        Map<String, Stamp> now = look();
        if (first || notified || !now.equals(last)) {
          last = settle(last, now);
          first = false;
          onChange.run();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // closed
    }
  }

  private Map<String, Stamp> settle(Map<String, Stamp> before, Map<String, Stamp> seen)
      throws InterruptedException {
    Map<String, Stamp> now = seen;
    for (int i = 0; i < 100; i++) {
      boolean more = await(truncated(before, now) ? TRUNCATED_MILLIS : SETTLE_MILLIS);
      Map<String, Stamp> again = look();
      if (!more && again.equals(now)) {
        break;
      }
      now = again;
    }
    return now;
  }

  private static boolean truncated(Map<String, Stamp> before, Map<String, Stamp> now) {
    return now.entrySet().stream()
        .anyMatch(
            entry -> {
              Stamp earlier = before.get(entry.getKey());
              return entry.getValue().size() == 0 && earlier != null && earlier.size() > 0;
            });
  }

  private boolean await(long millis) throws InterruptedException {
    WatchKey key = watch.poll(millis, TimeUnit.MILLISECONDS);
    if (key == null) {
      return false;
    }
    key.pollEvents();
    key.reset();
    return true;
  }

  private Map<String, Stamp> look() {
    Map<String, Stamp> stamps = new TreeMap<>();
    try (Stream<Path> list = Files.list(directory)) {
      for (Path path : (Iterable<Path>) list::iterator) {
        try {
          BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
          stamps.put(
              path.getFileName().toString(),
              new Stamp(
                  attributes.size(),
                  attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                  attributes.fileKey()));
        } catch (IOException e) {
          // gone in the meantime
        }
      }
    } catch (IOException e) {
      // the directory is gone: the scan says so
    }
    return stamps;
  }

  @Override
  public void close() {
    closed = true;
    try {
      watch.close();
    } catch (IOException e) {
      // nothing left to do
    }
  }
}
