package io.inmesh.call;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.OutboundTarget;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.config.RouteTable;
import io.inmesh.config.VirtualHost;
import io.inmesh.http.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a TCP proxy: an endpoint of its cluster and its transport socket, no HTTP policy, no
 * retry, nothing edited.
 */
final class TcpManager {
  private TcpManager() {}

  static HttpManager of(OutboundTarget.Tcp tcp) {
    return new HttpManager(tcp.listener(), false, new OneRoute(tcp), List.of(), OPTIONS);
  }

  static boolean is(HttpManager manager) {
    return manager.options() == OPTIONS;
  }

  private static final HttpOptions OPTIONS =
      new HttpOptions(
          false,
          false,
          HttpOptions.EscapedSlashes.KEEP_UNCHANGED,
          0,
          60,
          null,
          HttpOptions.ForwardClientCert.ALWAYS_FORWARD_ONLY,
          List.of(),
          false,
          false,
          List.of(),
          false,
          false,
          null);

  private record OneRoute(OutboundTarget.Tcp tcp) implements RouteTable, VirtualHost {
    @Override
    public String name() {
      return tcp.listener();
    }

    @Override
    public @Nullable VirtualHost find(String authority) {
      return this;
    }

    @Override
    public Route route(RequestHead head, LongSupplier random) {
      RouteAction.Target target = RouteAction.Target.of(tcp.cluster());
      RouteAction.Forward forward =
          new RouteAction.Forward(
              (request, bits) -> target,
              0,
              0,
              -1,
              null,
              null,
              null,
              null,
              null,
              null,
              false,
              false,
              List.of(),
              List.of(),
              false,
              503,
              null);
      return new Route(
          "",
          tcp.listener() + "/tcp_proxy",
          forward,
          HeaderEdits.NONE,
          HeaderEdits.NONE,
          null,
          false,
          Map.of());
    }
  }
}
