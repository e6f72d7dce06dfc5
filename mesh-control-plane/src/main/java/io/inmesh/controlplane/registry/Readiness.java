package io.inmesh.controlplane.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a new workload back until its ports take connections, as a readiness probe does: a workload
 * connects to learn the policy of its ports before it can open them, and nobody should be sent to
 * it in between.
 *
 * <p>Not thread-safe: called on the control plane's thread; each workload that is waited for has a
 * thread of its own that tries its ports.
 */
public final class Readiness {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.registry");
  private static final long PAUSE_MILLIS = 25;
  private static final int CONNECT_MILLIS = 500;
  private static final int TRIES_BEFORE_SAID = 400;

  private final Executor loop;
  private final Map<String, Probe> probes = new HashMap<>();

  private static final class Probe {
    Registration registration;
    int streams = 1;
    volatile boolean over;

    Probe(Registration registration) {
      this.registration = registration;
    }
  }

  /**
   * @param loop the control plane's thread
   */
  public Readiness(Executor loop) {
    this.loop = loop;
  }

  /** Calls back at once when there are no ports to wait for; once for each stream. */
  public void await(Registration registration, Consumer<Registration> ready) {
    Probe known = probes.get(registration.key());
    if (known != null) {
      known.streams++;
      known.registration = registration;
      return;
    }
    List<InetSocketAddress> ports = ports(registration);
    if (ports.isEmpty()) {
      ready.accept(registration);
      return;
    }
    Probe probe = new Probe(registration);
    probes.put(registration.key(), probe);
    Thread thread = new Thread(() -> run(probe, ports, ready), "inmesh-readiness");
    thread.setDaemon(true);
    thread.start();
  }

  /** A stream has ended. True: the workload was still held back, and nobody knows of it. */
  public boolean ended(Registration registration) {
    Probe probe = probes.get(registration.key());
    if (probe == null) {
      return false;
    }
    if (--probe.streams == 0) {
      probe.over = true;
      probes.remove(registration.key());
    }
    return true;
  }

  private void run(Probe probe, List<InetSocketAddress> ports, Consumer<Registration> ready) {
    for (int tries = 1; !probe.over; tries++) {
      InetSocketAddress closed = firstClosed(ports);
      if (closed == null) {
        try {
          loop.execute(() -> enter(probe, ready));
        } catch (RejectedExecutionException e) {
          // the control plane is closed
        }
        return;
      }
      if (tries == TRIES_BEFORE_SAID) {
        log.atWarn()
            .addKeyValue("workload", probe.registration.name())
            .log("no endpoint yet: {} takes no connections", closed);
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void enter(Probe probe, Consumer<Registration> ready) {
    if (!probe.over) {
      probes.remove(probe.registration.key());
      for (int i = 0; i < probe.streams; i++) {
        ready.accept(probe.registration);
      }
    }
  }

  private static @Nullable InetSocketAddress firstClosed(List<InetSocketAddress> ports) {
    for (InetSocketAddress port : ports) {
      try (Socket socket = new Socket()) {
        socket.connect(port, CONNECT_MILLIS);
      } catch (IOException e) {
        return port;
      }
    }
    return null;
  }

  private static List<InetSocketAddress> ports(Registration registration) {
    List<Registration.Port> ports = registration.ports();
    return ports == null || registration.addresses().isEmpty()
        ? List.of()
        : ports.stream()
            .map(port -> new InetSocketAddress(registration.addresses().get(0), port.number()))
            .toList();
  }
}
