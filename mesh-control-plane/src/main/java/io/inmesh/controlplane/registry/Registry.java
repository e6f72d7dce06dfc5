package io.inmesh.controlplane.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is part of the mesh. A workload that says goodbye is gone at once; one whose stream breaks
 * stays for the endpoint grace, so that a short break of the connection to the control plane takes
 * no endpoint from anybody; after a restart of the control plane everybody it knew stays for the
 * reconnect grace.
 *
 * <p>Not thread-safe: called on the control plane's thread only.
 */
public final class Registry {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.registry");

  private final RegistryFile file;
  private final Clock clock;
  private final Duration endpointGrace;
  private final Listener listener;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Told after the fact, on the control plane's thread. */
  public interface Listener {
    void registered(Registration registration);

    /** A workload that was lost, or remembered from before a restart, is back. */
    void returned(Registration registration);

    void lost(Registration registration, Duration grace);

    void removed(Registration registration, String why);
  }

  private static final class Entry {
    Registration registration;
    int streams;
    @Nullable Instant deadline;

    Entry(Registration registration) {
      this.registration = registration;
    }
  }

  /**
   * @param endpointGrace how long a workload with a broken stream stays
   * @param reconnectGrace how long one that is remembered from before a restart stays
   */
  public Registry(
      Path state, Clock clock, Duration endpointGrace, Duration reconnectGrace, Listener listener)
      throws IOException {
    this.file = new RegistryFile(state);
    this.clock = clock;
    this.endpointGrace = endpointGrace;
    this.listener = listener;
    try {
      for (Registration registration : file.load()) {
        Entry entry = new Entry(registration);
        entry.deadline = clock.instant().plus(reconnectGrace);
        entries.put(registration.key(), entry);
      }
    } catch (IOException e) {
      log.atError()
          .log(
              "remembered registrations are not used, workloads register anew: {}", e.getMessage());
    }
  }

  /** Part of the mesh already: connected, lost, or remembered from before a restart. */
  public boolean knows(Registration registration) {
    return entries.containsKey(registration.key());
  }

  /** A stream of this workload has begun. */
  public void connected(Registration registration) {
    Entry entry = entries.get(registration.key());
    if (entry == null) {
      entry = new Entry(registration);
      entries.put(registration.key(), entry);
      entry.streams = 1;
      save();
      listener.registered(registration);
      return;
    }
    boolean away = entry.streams == 0;
    boolean same = entry.registration.equals(registration);
    if (!away && !same) {
      log.atWarn()
          .addKeyValue("node", registration.nodeId())
          .log("two live workloads use the same node id; the newer one's ports count");
    }
    entry.streams++;
    entry.deadline = null;
    entry.registration = registration;
    if (!same) {
      save();
    }
    if (away) {
      listener.returned(registration);
    }
  }

  /**
   * A stream has ended.
   *
   * @param clean the workload itself closed it
   */
  public void ended(Registration registration, boolean clean) {
    Entry entry = entries.get(registration.key());
    if (entry == null || --entry.streams > 0) {
      return;
    }
    entry.streams = 0;
    if (clean) {
      remove(entry, "it has left");
    } else {
      entry.deadline = clock.instant().plus(endpointGrace);
      listener.lost(entry.registration, endpointGrace);
    }
  }

  /** Removes whose time is over. */
  public void expire() {
    Instant now = clock.instant();
    List<Entry> over = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.deadline != null && !entry.deadline.isAfter(now)) {
        over.add(entry);
      }
    }
    over.forEach(entry -> remove(entry, "it has not come back in time"));
  }

  /** When {@link #expire()} has something to do next. */
  public @Nullable Instant nextDeadline() {
    Instant next = null;
    for (Entry entry : entries.values()) {
      if (entry.deadline != null && (next == null || entry.deadline.isBefore(next))) {
        next = entry.deadline;
      }
    }
    return next;
  }

  /** Connected workloads first: where two claim one address and port, the living one has it. */
  public List<Registration> registrations() {
    return entries.values().stream()
        .sorted(Comparator.comparing((Entry entry) -> entry.streams == 0))
        .map(entry -> entry.registration)
        .toList();
  }

  private void remove(Entry entry, String why) {
    entries.remove(entry.registration.key());
    save();
    listener.removed(entry.registration, why);
  }

  private void save() {
    try {
      file.save(entries.values().stream().map(entry -> entry.registration).toList());
    } catch (IOException e) {
      log.atError()
          .log("registrations cannot be remembered, a restart would forget them: {}", e.toString());
    }
  }
}
