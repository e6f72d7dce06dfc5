package io.inmesh.benchmarks.performance;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client that asks the mesh where a call would go, and makes none. */
public final class Picks {
  private @Nullable MeshServices services;

  /** How it is wrapped. */
  public static final class Adapter implements MeshAdapter<Picks> {
    @Override
    public Class<Picks> type() {
      return Picks.class;
    }

    @Override
    public Picks wrap(Picks target, MeshServices services) {
      target.services = services;
      return target;
    }
  }

  /** The port of the host that is picked; -1: none. */
  int port(String authority) {
    MeshServices mesh = Objects.requireNonNull(services, "not wrapped");
    long now = System.nanoTime();
    Call call =
        mesh.calls()
            .outbound(
                new RequestHead(
                    "GET", "http", authority, "/items/42", new Headers(8), Protocol.HTTP11),
                BodyTraits.NONE,
                CallContext.NONE,
                Capabilities.BASIC,
                () -> {},
                now);
    if (call == null || !(call.poll(now) instanceof Command.Start start)) {
      return -1;
    }
    call.on(new Event.CallerGone(), now);
    while (!(call.poll(now) instanceof Command.Done)) {
      // gives the lease back
    }
    return start.host().endpoint().port();
  }
}
