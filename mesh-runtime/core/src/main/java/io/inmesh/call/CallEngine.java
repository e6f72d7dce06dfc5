package io.inmesh.call;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.InboundChain;
import io.inmesh.config.MeshTables;
import io.inmesh.config.NotYet;
import io.inmesh.config.OutboundTarget;
import io.inmesh.filter.LocalReply;
import io.inmesh.filter.NetworkRbac;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.upstream.Cluster;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes calls on the tables that are in force. Thread-safe; reads one volatile for each call. */
public final class CallEngine implements CallFactory {
  /** What exempt plaintext requests are said to be governed by. */
  private static final OutboundTarget.Tcp EXEMPT =
      new OutboundTarget.Tcp("inmesh.plaintext", "inmesh.plaintext");

  private final CallEnvironment env;
  private final Supplier<@Nullable MeshTables> tables;
  private final Exclusions exclusions;
  private final PlaintextExemptions plaintext;
  private final Destinations destinations = new Destinations();

  /**
   * @param tables null until the first configuration is complete
   */
  public CallEngine(
      CallEnvironment env, Supplier<@Nullable MeshTables> tables, Exclusions exclusions) {
    this(env, tables, exclusions, PlaintextExemptions.NONE);
  }

  /**
   * @param tables null until the first configuration is complete
   */
  public CallEngine(
      CallEnvironment env,
      Supplier<@Nullable MeshTables> tables,
      Exclusions exclusions,
      PlaintextExemptions plaintext) {
    this.plaintext = plaintext;
    this.env = env;
    this.tables = tables;
    this.exclusions = exclusions;
  }

  @Override
  public @Nullable Call outbound(
      RequestHead head,
      BodyTraits body,
      CallContext parent,
      Capabilities can,
      Waker waker,
      long nowNanos) {
    boolean https = head.scheme().equals("https");
    Destinations.Destination wanted = destinations.of(head.authority());
    String host = wanted.host();
    int port = wanted.port(https);
    MeshTables now = tables.get();
    if (exclusions.excludes(host, port)) {
      return null;
    }
    if (now == null) {
      // nothing says yet that this destination may be called in clear
      OutboundCall waiting =
          new OutboundCall(
              env,
              RefusingManager.of("inmesh/start", false),
              head,
              body,
              parent,
              can,
              waker,
              nowNanos);
      waiting.refuseAtOnce(
          LocalReply.of(503, "inmesh: no configuration has arrived yet", "inmesh_not_started"));
      return waiting;
    }
    OutboundTarget to = https ? now.outbound().tcp(host, port) : now.outbound().http(host, port);
    if (to instanceof OutboundTarget.Http http) {
      HttpManager manager = http.manager();
      LocalReply malformed = malformed(head, manager.options());
      HeadRules.outboundRequest(head, manager.options(), parent, env.random());
      OutboundCall call = new OutboundCall(env, manager, head, body, parent, can, waker, nowNanos);
      prepare(call, manager, malformed);
      return call;
    }
    if (to instanceof OutboundTarget.Tcp tcp) {
      return leftAlone(tcp)
          ? null
          : new OutboundCall(env, TcpManager.of(tcp), head, body, parent, can, waker, nowNanos);
    }
    NotYet why = ((OutboundTarget.Unsupported) to).why();
    OutboundCall call =
        new OutboundCall(
            env,
            RefusingManager.of(why.resource(), false),
            head,
            body,
            parent,
            can,
            waker,
            nowNanos);
    RouteAnswers.refuse(call, why);
    return call;
  }

  /** To where the application wanted, as it is: the mesh has no part in it. */
  private boolean leftAlone(OutboundTarget.Tcp tcp) {
    Cluster cluster = env.clusters().find(tcp.cluster());
    return cluster != null
        && cluster.config().discovery() == ClusterConfig.Discovery.ORIGINAL_DST
        && cluster.config().notYet() == null;
  }

  /**
   * The filter chain is looked up for each request, so that a changed policy holds from the next
   * one on every connection.
   */
  @Override
  public Call inbound(
      RequestHead head,
      BodyTraits body,
      Connection from,
      Capabilities can,
      Waker waker,
      long nowNanos) {
    if (!from.tls() && plaintext.exempts(from.localPort(), head)) {
      head.headers().remove("x-forwarded-client-cert");
      return new InboundCall(env, TcpManager.of(EXEMPT), head, body, from, true, waker, nowNanos);
    }
    MeshTables now = tables.get();
    if (now == null) {
      return refused(
          "inmesh/start",
          head,
          body,
          from,
          waker,
          nowNanos,
          503,
          "no configuration has arrived yet");
    }
    InboundView view = InboundView.of(now.inbound(), from, head.protocol());
    InboundChain chain = view.chain();
    if (chain == null) {
      String what = from.tls() ? "TLS" : "plaintext";
      return refused(
          "virtualInbound",
          head,
          body,
          from,
          waker,
          nowNanos,
          403,
          "no filter chain takes a " + what + " connection to port " + from.localPort() + " now");
    }
    if (chain.notYet() != null) {
      InboundCall call = refusing(chain.name(), head, body, from, waker, nowNanos);
      RouteAnswers.refuse(call, chain.notYet());
      return call;
    }
    HttpManager manager = chain.http();
    if (manager == null) {
      return throughTcpChain(chain, head, body, from, waker, nowNanos);
    }
    LocalReply malformed = malformed(head, manager.options());
    boolean named =
        !manager.options().tracing() || head.headers().remove("x-envoy-decorator-operation");
    HeadRules.inboundRequest(
        head, manager.options(), from.tls(), view.clientCertificate(), env.random());
    InboundCall call = new InboundCall(env, manager, head, body, from, named, waker, nowNanos);
    prepare(call, manager, malformed);
    return call;
  }

  /** The chain proxies bytes: network policy decides, HTTP is neither looked at nor edited. */
  private InboundCall throughTcpChain(
      InboundChain chain,
      RequestHead head,
      BodyTraits body,
      Connection from,
      Waker waker,
      long nowNanos) {
    String refusal = NetworkRbac.refusal(chain.networkRbac(), from);
    if (refusal != null) {
      return refused(chain.name(), head, body, from, waker, nowNanos, 403, refusal);
    }
    HttpManager bytes = TcpManager.of(new OutboundTarget.Tcp(chain.name(), chain.name()));
    return new InboundCall(env, bytes, head, body, from, true, waker, nowNanos);
  }

  private InboundCall refused(
      String resource,
      RequestHead head,
      BodyTraits body,
      Connection from,
      Waker waker,
      long nowNanos,
      int status,
      String reason) {
    InboundCall call = refusing(resource, head, body, from, waker, nowNanos);
    call.outcome.failure = reason;
    call.refuseAtOnce(LocalReply.of(status, "inmesh: " + reason, "inmesh_refused"));
    return call;
  }

  private InboundCall refusing(
      String resource,
      RequestHead head,
      BodyTraits body,
      Connection from,
      Waker waker,
      long nowNanos) {
    return new InboundCall(
        env, RefusingManager.of(resource, true), head, body, from, true, waker, nowNanos);
  }

  /** Judged as the head came, before anything is added to it. */
  private static @Nullable LocalReply malformed(RequestHead head, HttpOptions options) {
    return HeaderSize.exceeds(head, options)
        ? HeaderSize.REFUSAL
        : HeadRules.malformed(head, options);
  }

  /**
   * Path normalisation comes before filters and routes; a path that Envoy refuses is answered 400.
   */
  private static void prepare(BaseCall call, HttpManager manager, @Nullable LocalReply malformed) {
    NotYet notYet = manager.options().notYet();
    if (notYet != null) {
      RouteAnswers.refuse(call, notYet);
      return;
    }
    LocalReply refusal =
        malformed != null ? malformed : PathRules.apply(call.request(), manager.options());
    if (refusal != null) {
      call.refuseAtOnce(refusal);
    }
  }
}
