package io.inmesh.runtime;

import io.inmesh.ledger.Ledger;
import io.inmesh.xds.ResourceFile;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the configuration that is in force on disk, as it was received and without secrets, for a
 * start without a control plane. Written some time after a change, never more often than every
 * {@link Pace#interval}, by a worker.
 */
final class LastKnownGood implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.config");

  /** Those that name others before those that are named: the order in which they are restored. */
  private static final List<TypeUrl> ORDER =
      List.of(
          TypeUrl.CLUSTER,
          TypeUrl.CLUSTER_LOAD_ASSIGNMENT,
          TypeUrl.LISTENER,
          TypeUrl.ROUTE_CONFIGURATION);

  /**
   * How often it is written.
   *
   * @param settle after a change: more may follow
   * @param interval at least between two writes
   */
  record Pace(Duration settle, Duration interval) {
    static final Pace DEFAULT = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(10));
  }

  private final Path file;
  private final Supplier<Map<String, String>> owner;
  private final BooleanSupplier inForce;
  private final ScheduledExecutorService timer;
  private final Executor workers;
  private final Clock clock;
  private final Pace pace;
  private final Map<TypeUrl, Map<String, XdsResource>> kept = new LinkedHashMap<>();
  private boolean dirty;
  private boolean scheduled;
  private boolean restoring;
  private boolean closed;
  private @Nullable Long lastWrite;
  private @Nullable String lastFailure;

  /**
   * @param owner who we are at the moment
   * @param inForce whether there is a configuration in force: half of one is not written
   */
  LastKnownGood(
      Path file,
      Supplier<Map<String, String>> owner,
      BooleanSupplier inForce,
      ScheduledExecutorService timer,
      Executor workers,
      Clock clock,
      Pace pace) {
    this.file = file;
    this.owner = owner;
    this.inForce = inForce;
    this.timer = timer;
    this.workers = workers;
    this.clock = clock;
    this.pace = pace;
    ORDER.forEach(type -> kept.put(type, new LinkedHashMap<>()));
  }

  Path file() {
    return file;
  }

  /** What was kept; null if there is nothing that can be used, which is said in the log. */
  @Nullable ResourceFile read() {
    if (!Files.exists(file)) {
      LOG.atWarn().addKeyValue("file", file).log("there is no last known good configuration yet");
      return null;
    }
    try {
      return ResourceFile.read(file, owner.get());
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("file", file)
          .log(
              "the last known good configuration cannot be used: {} (it is ignored; a new one"
                  + " replaces it once the control plane has answered)",
              reason(e));
      return null;
    }
  }

  /** What is taken meanwhile came from the file: no reason to write it. */
  synchronized void restoring(boolean now) {
    restoring = now;
  }

  /** Configuration thread. */
  synchronized void accepted(Update update, Set<String> refused) {
    Map<String, XdsResource> ofType = kept.get(update.type());
    if (ofType == null) {
      return;
    }
    boolean changed = ofType.keySet().removeAll(update.removed());
    for (XdsResource resource : update.resources()) {
      if (!refused.contains(resource.name())) {
        changed |= keep(ofType, resource);
      }
    }
    if (changed && !restoring) {
      dirty = true;
      schedule();
    }
  }

  /** Nobody wants them any more. Configuration thread. */
  synchronized void forget(TypeUrl type, Collection<String> names) {
    Map<String, XdsResource> ofType = kept.get(type);
    if (ofType != null && ofType.keySet().removeAll(names) && !restoring) {
      dirty = true;
      schedule();
    }
  }

  private static boolean keep(Map<String, XdsResource> ofType, XdsResource resource) {
    Optional<String> secret = Ledger.get().secretIn(resource.type().url(), resource.body());
    if (secret.isEmpty()) {
      ofType.put(resource.name(), resource);
      return true;
    }
    LOG.atWarn()
        .addKeyValue("type", resource.type())
        .addKeyValue("resource", resource.name())
        .addKeyValue("field", secret.get())
        .log("a resource with a secret inside is not kept on disk");
    return ofType.remove(resource.name()) != null;
  }

  private void schedule() {
    if (scheduled || closed) {
      return;
    }
    scheduled = true;
    long wait = pace.settle().toNanos();
    if (lastWrite != null) {
      wait = Math.max(wait, pace.interval().toNanos() - (System.nanoTime() - lastWrite));
    }
    timer.schedule(() -> workers.execute(this::due), wait, TimeUnit.NANOSECONDS);
  }

  private void due() {
    synchronized (this) {
      scheduled = false;
      if (closed) {
        return;
      }
      lastWrite = System.nanoTime();
      if (!inForce.getAsBoolean()) {
        schedule();
        return;
      }
    }
    write();
  }

  private void write() {
    List<XdsResource> resources = new ArrayList<>();
    synchronized (this) {
      if (!dirty) {
        return;
      }
      dirty = false;
      ORDER.forEach(type -> resources.addAll(kept.getOrDefault(type, Map.of()).values()));
    }
    String failure = null;
    try {
      ResourceFile.write(file, owner.get(), clock.instant(), resources);
      LOG.atDebug()
          .addKeyValue("file", file)
          .addKeyValue("resources", resources.size())
          .log("the configuration in force is on disk");
    } catch (IOException | RuntimeException e) {
      failure = reason(e);
    }
    synchronized (this) {
      if (failure != null) {
        dirty = true;
        if (!failure.equals(lastFailure)) {
          LOG.atWarn()
              .addKeyValue("file", file)
              .log("the configuration in force cannot be kept on disk: {}", failure);
        }
        schedule();
      }
      lastFailure = failure;
    }
  }

  private static String reason(Exception e) {
    return e.getClass() == IOException.class ? String.valueOf(e.getMessage()) : e.toString();
  }

  /** Writes what has not been written yet. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (inForce.getAsBoolean()) {
      write();
    }
  }
}
