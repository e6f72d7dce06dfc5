package io.inmesh.runtime;

import io.inmesh.call.CallFactory;
import io.inmesh.driver.DriverEnvironment;
import java.time.Duration;

/** What adapters build on. Thread-safe; lives as long as the mesh. */
public interface MeshServices {
  CallFactory calls();

  DriverEnvironment drivers();

  /** TLS to upstream hosts. */
  OutboundSecurity outbound();

  /** TLS on ports of the application, and what is known of their connections. */
  InboundSecurity inbound();

  /**
   * How long requests that run may take to end when the mesh closes: {@code inmesh.drain-limit}.
   */
  default Duration drainLimit() {
    return Duration.ofSeconds(10);
  }

  /**
   * Runs when the mesh closes, before identity and streams do: stop taking requests, let those that
   * run finish.
   *
   * @return takes the hook back; idempotent
   */
  Runnable onDrain(Runnable hook);

  /** True from the moment the mesh drains: answers carry {@code Connection: close}, or GOAWAY. */
  boolean draining();
}
