package io.inmesh.spring.boot;

import io.inmesh.Mesh;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * Without a configuration or a valid certificate the application refuses traffic, as Boot calls it;
 * what else decides about its readiness is left alone. Looks once a second, from when Boot first
 * lets it accept traffic.
 */
final class MeshReadiness implements AutoCloseable {
  private final Mesh mesh;
  private final ApplicationContext context;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread looks = new Thread(task, "inmesh-readiness");
            looks.setDaemon(true);
            return looks;
          });
  private boolean looking;
  private boolean refused;

  MeshReadiness(Mesh mesh, ApplicationContext context) {
    this.mesh = mesh;
    this.context = context;
  }

  @EventListener
  synchronized void changed(AvailabilityChangeEvent<ReadinessState> event) {
    if (event.getSource() != context
        || event.getState() != ReadinessState.ACCEPTING_TRAFFIC
        || !mesh.status().enabled()) {
      return;
    }
    look();
    if (!looking) {
      looking = true;
      try {
        var unused = thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
      } catch (RejectedExecutionException e) {
        // closed
      }
    }
  }

  /** Boot itself refuses traffic from here on. */
  @EventListener
  void closed(ContextClosedEvent event) {
    if (event.getApplicationContext() == context) {
      close();
    }
  }

  private synchronized void look() {
    boolean ready = mesh.status().ready();
    if (!ready && !refused) {
      refused = true;
      AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    } else if (ready && refused) {
      refused = false;
      AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
