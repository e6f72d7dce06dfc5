package io.inmesh.counts;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.differential.InmeshSide;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.Lease;
import io.inmesh.upstream.PickRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Inmesh's engine under one case; driver, hosts and clock are played. */
final class EngineSide implements Side {
  private static final long STEP = 50_000_000L;
  private static final long PATIENCE = 120_000_000_000L;

  private final String name;
  private final Hosts hosts;
  private final InmeshSide mesh;
  private final Cluster cluster;
  private final Turns turns = new Turns();
  private final List<Request> requests = new ArrayList<>();

  EngineSide(Case one, Hosts hosts) {
    this.name = one.id();
    this.hosts = hosts;
    this.mesh = InmeshSide.outbound(List.of(one.proto(hosts)), one.manager());
    this.cluster = Objects.requireNonNull(mesh.clusters.find(one.id()));
  }

  @Override
  public int send(String script, String... headers) {
    Request request = new Request(script, headers);
    request.run();
    return request.ended();
  }

  @Override
  public Running start(String script, String... headers) {
    Request request = new Request(script, headers);
    request.run();
    return request::released;
  }

  @Override
  public void awaitEjected(int wanted) {
    for (long end = mesh.now + PATIENCE; cluster.ejectedHosts() != wanted; mesh.now += STEP) {
      if (mesh.now > end) {
        throw new AssertionError(
            name + ": " + cluster.ejectedHosts() + " hosts ejected, not " + wanted);
      }
      use();
    }
  }

  /** Intervals that are over are made up for when the cluster is used. */
  private void use() {
    if (cluster.acquire(new AnyHost(), mesh.now) instanceof Lease lease) {
      lease.end(mesh.now);
    }
  }

  @Override
  public int countOf(String host) {
    return (int) requests.stream().flatMap(one -> one.got.stream()).filter(host::equals).count();
  }

  @Override
  public long millis() {
    return mesh.now / 1_000_000;
  }

  @Override
  public List<Seen> seen() {
    return requests.stream().map(Request::seen).toList();
  }

  /** One request; what hosts hold stays open. */
  private final class Request {
    private final Call call;
    private final String script;
    private final List<String> got = new ArrayList<>();
    private final Map<Integer, String> held = new HashMap<>();
    private int status;
    private boolean done;

    Request(String script, String... headers) {
      this.script = script;
      Headers all = new Headers();
      for (int i = 0; i < headers.length; i += 2) {
        all.add(headers[i], headers[i + 1]);
      }
      RequestHead head = new RequestHead("GET", "http", "counted", "/", all, Protocol.HTTP11);
      this.call =
          Objects.requireNonNull(
              mesh.calls.outbound(
                  head, BodyTraits.NONE, CallContext.NONE, Capabilities.ALL, () -> {}, mesh.now));
      requests.add(this);
    }

    /** As far as it goes by itself: back-offs pass, held attempts do not. */
    void run() {
      while (!done) {
        Command command = call.poll(mesh.now);
        if (command != null) {
          carryOut(command);
        } else if (held.isEmpty() && call.deadlineNanos() != Long.MAX_VALUE) {
          mesh.now = Math.max(mesh.now, call.deadlineNanos());
        } else {
          return;
        }
      }
    }

    private void carryOut(Command command) {
      if (command instanceof Command.Done) {
        done = true;
      } else if (command instanceof Command.Respond respond) {
        status = respond.head().status();
      } else if (command instanceof Command.Reply reply) {
        status = reply.head().status();
      } else if (command instanceof Command.Cancel cancel) {
        held.remove(cancel.attempt());
      } else if (command instanceof Command.Start start) {
        attempt(start.attempt(), hosts.name(start.host().address()));
      }
    }

    private void attempt(int number, String host) {
      if (host.startsWith("r")) {
        call.on(
            new Event.Failed(number, ResetKind.CONNECT_FAILURE, "Connection refused"), mesh.now);
        return;
      }
      if (host.startsWith("s")) {
        held.put(number, "unconnected");
        return;
      }
      String word = turns.word(name, host, script, Collections.frequency(got, host));
      got.add(host);
      call.on(new Event.Connected(number), mesh.now);
      if (word.equals("drop")) {
        call.on(new Event.Failed(number, ResetKind.CONNECTION_TERMINATION, "closed"), mesh.now);
      } else if (word.equals("hold")) {
        held.put(number, "200");
      } else {
        answer(number, word);
      }
    }

    private void answer(int number, String word) {
      Headers headers = new Headers();
      if (word.endsWith("+g")) {
        headers.add("grpc-status", "14");
      }
      int code = Integer.parseInt(word.substring(0, 3));
      call.on(new Event.Head(number, new ResponseHead(code, headers), false), mesh.now);
      call.on(new Event.End(number, null), mesh.now);
    }

    int released() {
      Map<Integer, String> now = new HashMap<>(held);
      held.clear();
      now.forEach(
          (number, word) -> {
            if (word.equals("unconnected")) {
              call.on(
                  new Event.Failed(number, ResetKind.CONNECT_TIMEOUT, "no connection in time"),
                  mesh.now);
            } else {
              answer(number, word);
            }
          });
      run();
      return ended();
    }

    int ended() {
      while (!done && call.deadlineNanos() != Long.MAX_VALUE) {
        mesh.now = Math.max(mesh.now, call.deadlineNanos()); // silence, until a time-out
        held.clear();
        run();
      }
      if (!done) {
        throw new IllegalStateException(name + ": the call waits for ever under " + script);
      }
      return status;
    }

    Seen seen() {
      return new Seen(
          call.outcome().status(),
          call.outcome().flags().toString().equals("-") ? "" : call.outcome().flags().toString(),
          call.outcome().details(),
          call.outcome().attempts(),
          List.copyOf(got));
    }
  }

  private static final class AnyHost implements PickRequest {
    @Override
    public boolean highPriority() {
      return false;
    }

    @Override
    public @Nullable Long hash() {
      return null;
    }

    @Override
    public boolean tried(Host host) {
      return false;
    }

    @Override
    public int hostSelectionAttempts() {
      return 0;
    }

    @Override
    public int attempt() {
      return 0;
    }
  }
}
