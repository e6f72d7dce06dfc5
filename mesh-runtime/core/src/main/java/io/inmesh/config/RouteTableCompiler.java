package io.inmesh.config;

import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteConfiguration}. */
final class RouteTableCompiler {
  private static final long DIRECT_RESPONSE_BYTES = 4096;

  private RouteTableCompiler() {}

  /**
   * @throws ConfigException what Envoy would refuse; what is only not implemented becomes {@link
   *     RouteAction.Unsupported} at its place
   */
  static CompiledRouteTable compile(RouteConfiguration proto) {
    return compile(proto, proto.getName());
  }

  /**
   * @param place for messages: the name, or for an inline configuration its listener before it
   */
  static CompiledRouteTable compile(RouteConfiguration proto, String place) {
    Set<String> clusters = new HashSet<>();
    Levels levels = new Levels(place);
    Edits.Both edits = levels.edits(() -> Edits.of(proto));
    if (proto.hasVhds()) {
      levels.missing("vhds", "virtual hosts are not asked for one by one");
    }
    if (proto.getIgnorePathParametersInPathMatching()) {
      levels.missing("ignore_path_parameters_in_path_matching", "not implemented");
    }
    if (!proto.getUnknownFields().asMap().isEmpty()) {
      levels.missing(
          "fields " + proto.getUnknownFields().asMap().keySet(), "are newer than this runtime");
    }
    Map<String, HttpFilterConfig> overrides =
        RouteCompiler.overrides(proto.getTypedPerFilterConfigMap(), Map.of(), place);
    long most =
        Values.unsigned(
            proto.hasMaxDirectResponseBodySizeBytes(),
            proto.getMaxDirectResponseBodySizeBytes(),
            DIRECT_RESPONSE_BYTES);
    List<CompiledVirtualHost> hosts = new ArrayList<>(proto.getVirtualHostsCount());
    Map<String, Integer> names = new HashMap<>();
    for (int i = 0; i < proto.getVirtualHostsCount(); i++) {
      var host = proto.getVirtualHosts(i);
      Levels own = levels.copy();
      try {
        if (names.put(host.getName(), i) != null) {
          throw new ConfigException("name", "'" + host.getName() + "' is there twice");
        }
        hosts.add(
            VirtualHostCompiler.compile(
                new RouteContext(
                    place,
                    host.getName(),
                    proto.getMostSpecificHeaderMutationsWins(),
                    own.edits(() -> Edits.of(host)),
                    edits,
                    RouteCompiler.overrides(host.getTypedPerFilterConfigMap(), overrides, place),
                    host,
                    proto.getRequestMirrorPoliciesList(),
                    most,
                    own.notYet,
                    clusters)));
      } catch (ConfigException e) {
        throw e.in("virtual_hosts[" + i + "]");
      }
    }
    return new CompiledRouteTable(
        proto.getName(), hosts, clusters, proto.getIgnorePortInHostMatching());
  }

  /** Collects what cannot be enforced for all routes below. */
  private static final class Levels {
    private final String place;
    private @Nullable NotYet notYet;

    Levels(String place) {
      this.place = place;
    }

    Levels copy() {
      Levels copy = new Levels(place);
      copy.notYet = notYet;
      return copy;
    }

    void missing(String field, String reason) {
      notYet = new NotYet(place, field, reason, false);
    }

    Edits.Both edits(Supplier<Edits.Both> compile) {
      try {
        return compile.get();
      } catch (ConfigException e) {
        if (!e.isNotYet()) {
          throw e;
        }
        notYet = e.toNotYet(place, false);
        return Edits.Both.NONE;
      }
    }
  }
}
