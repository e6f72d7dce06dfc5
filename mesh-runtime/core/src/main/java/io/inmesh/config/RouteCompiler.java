package io.inmesh.config;

import com.google.protobuf.Any;
import io.inmesh.proto.envoy.config.core.v3.DataSource;
import io.inmesh.proto.envoy.config.route.v3.DirectResponseAction;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.config.route.v3.Route}. What is not implemented in its action makes the route {@link
 * RouteAction.Unsupported}: it still matches, so that no later route takes its requests.
 */
final class RouteCompiler {
  private RouteCompiler() {}

  /**
   * @param number place in the virtual host
   * @param matchNotYet not null: the route's match could not be compiled in full
   */
  static Route compile(
      io.inmesh.proto.envoy.config.route.v3.Route proto,
      int number,
      RouteContext context,
      @Nullable NotYet matchNotYet) {
    NotYet notYet = matchNotYet;
    Edits.Both own = Edits.Both.NONE;
    try {
      own = Edits.of(proto);
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e;
      }
      notYet = e.toNotYet(context.place(number), false);
    }
    Edits.Both edits =
        Edits.Both.inOrder(
            context.mostSpecificWins(),
            own,
            context.virtualHostEdits(),
            context.configurationEdits());
    RouteAction action =
        notYet == null ? action(proto, number, context) : new RouteAction.Unsupported(notYet);
    return new Route(
        proto.getName(),
        context.place(number),
        action,
        edits.request(),
        edits.response(),
        proto.hasDecorator() && !proto.getDecorator().getOperation().isEmpty()
            ? proto.getDecorator().getOperation()
            : null,
        context.host().getIncludeRequestAttemptCount(),
        overrides(
            proto.getTypedPerFilterConfigMap(), context.filterOverrides(), context.place(number)));
  }

  private static RouteAction action(
      io.inmesh.proto.envoy.config.route.v3.Route proto, int number, RouteContext context) {
    try {
      return switch (proto.getActionCase()) {
        case ROUTE ->
            ConfigException.field(
                "route",
                proto.getRoute(),
                route -> RouteActionCompiler.compile(route, proto.getMatch(), context));
        case REDIRECT ->
            ConfigException.field(
                "redirect",
                proto.getRedirect(),
                redirect -> RedirectCompiler.compile(redirect, proto.getMatch()));
        case DIRECT_RESPONSE ->
            ConfigException.field(
                "direct_response",
                proto.getDirectResponse(),
                direct -> directResponse(direct, context.maxDirectResponseBytes()));
        case NON_FORWARDING_ACTION -> new RouteAction.NonForwarding();
        case FILTER_ACTION -> throw ConfigException.notYet("filter_action", "not implemented");
        case ACTION_NOT_SET -> throw new ConfigException("action", "is required");
      };
    } catch (ConfigException e) {
      if (e.isNotYet()) {
        return new RouteAction.Unsupported(e.toNotYet(context.place(number), false));
      }
      throw e;
    }
  }

  private static RouteAction directResponse(DirectResponseAction proto, long most) {
    if (proto.getStatus() < 200 || proto.getStatus() > 599) {
      throw new ConfigException("status", "must be 200 to 599, is " + proto.getStatus());
    }
    DataSource body = proto.getBody();
    String text =
        switch (body.getSpecifierCase()) {
          case INLINE_STRING -> body.getInlineString();
          case INLINE_BYTES -> body.getInlineBytes().toStringUtf8();
          case SPECIFIER_NOT_SET -> "";
          default -> throw ConfigException.notYet("body", "only inline bodies are implemented");
        };
    if (text.length() > most) {
      throw new ConfigException(
          "body", "is longer than max_direct_response_body_size_bytes, " + most);
    }
    return new RouteAction.DirectResponse(proto.getStatus(), text);
  }

  /** Own overrides over inherited ones. */
  static Map<String, HttpFilterConfig> overrides(
      Map<String, Any> typedPerFilterConfig,
      Map<String, HttpFilterConfig> inherited,
      String place) {
    if (typedPerFilterConfig.isEmpty()) {
      return inherited;
    }
    Map<String, HttpFilterConfig> all = new HashMap<>(inherited);
    typedPerFilterConfig.forEach(
        (name, any) -> {
          try {
            HttpFilterConfig config = HttpFilterCompilers.perRoute(name, any, place);
            if (config != null) {
              all.put(name, config);
            }
          } catch (ConfigException e) {
            throw e.in("typed_per_filter_config[" + name + "]");
          }
        });
    return Map.copyOf(all);
  }
}
