package io.inmesh.config;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.config.core.v3.RoutingPriority;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.config.cluster.v3.Cluster}. What is valid and not implemented ends up in {@link
 * ClusterConfig#notYet}: the cluster exists, and its requests are refused with the reason.
 */
final class ClusterCompiler {
  private static final long CONNECT_TIMEOUT = TimeUnit.SECONDS.toNanos(5);

  private final Cluster proto;
  private @Nullable NotYet notYet;

  private ClusterCompiler(Cluster proto) {
    this.proto = proto;
  }

  static ClusterConfig compile(Cluster proto) {
    if (proto.getName().isEmpty()) {
      throw new ConfigException("name", "must not be empty");
    }
    return new ClusterCompiler(proto).compile();
  }

  private ClusterConfig compile() {
    refuseWhatIsMissing();
    Discovery discovery = discovery();
    LoadBalancing lb =
        attempt(false, () -> LoadBalancingCompiler.compile(proto), LoadBalancing.of(Policy.RANDOM));
    if (discovery == Discovery.ORIGINAL_DST
        && lb.policy() != Policy.CLUSTER_PROVIDED
        && notYet == null) {
      throw new ConfigException("lb_policy", "must be CLUSTER_PROVIDED for ORIGINAL_DST");
    }
    UpstreamHttp http =
        attempt(
            true,
            () -> UpstreamHttp.of(proto),
            new UpstreamHttp(
                ClusterConfig.UpstreamProtocol.HTTP11, 0, 0, ClusterConfig.AutoNames.NONE));
    String name = proto.getName().intern();
    String edsName = proto.getEdsClusterConfig().getServiceName().intern();
    return new ClusterConfig(
        name,
        discovery,
        edsName.isEmpty() ? name : edsName,
        endpoints(discovery),
        lb,
        Values.positiveNanos(
            "connect_timeout",
            proto.hasConnectTimeout(),
            proto.getConnectTimeout(),
            CONNECT_TIMEOUT),
        breakers(RoutingPriority.DEFAULT),
        breakers(RoutingPriority.HIGH),
        outlier(),
        TransportSocketCompiler.compile(proto),
        http.protocol(),
        http.idleNanos(),
        http.maxRequestsPerConnection(),
        DnsLookupCompiler.compile(proto),
        http.autoNames(),
        service("host"),
        serviceName(),
        notYet);
  }

  private void refuseWhatIsMissing() {
    if (proto.getHealthChecksCount() > 0) {
      missing("health_checks", "hosts are not checked actively");
    }
    for (int i = 0; i < proto.getFiltersCount(); i++) {
      var filter = proto.getFilters(i);
      String type = TypedConfig.of(filter.getTypedConfig()).type();
      if (!HarmlessFilters.contains(type)) {
        missing("filters[" + i + "]", filter.getName() + " (" + type + ") does not run");
      }
    }
    if (proto.hasUpstreamConfig()) {
      missing("upstream_config", "custom upstreams are not implemented");
    }
    if (proto.getConnectionPoolPerDownstreamConnection()) {
      missing("connection_pool_per_downstream_connection", "not implemented");
    }
    if (!proto.getUnknownFields().asMap().isEmpty()) {
      missing("fields " + proto.getUnknownFields().asMap().keySet(), "are newer than this runtime");
    }
  }

  private void missing(String field, String reason) {
    if (notYet == null) {
      notYet = new NotYet(proto.getName(), field, reason, false);
    }
  }

  private <T> T attempt(boolean security, Supplier<T> compile, T otherwise) {
    try {
      return compile.get();
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e;
      }
      if (notYet == null || security) {
        notYet = e.toNotYet(proto.getName(), security);
      }
      return otherwise;
    }
  }

  private Discovery discovery() {
    if (proto.hasClusterType()) {
      missing("cluster_type", proto.getClusterType().getName() + " is not implemented");
      return Discovery.STATIC;
    }
    return switch (proto.getType()) {
      case STATIC -> Discovery.STATIC;
      case STRICT_DNS -> Discovery.STRICT_DNS;
      case LOGICAL_DNS -> Discovery.LOGICAL_DNS;
      case ORIGINAL_DST -> Discovery.ORIGINAL_DST;
      case EDS -> {
        if (!proto.hasEdsClusterConfig()) {
          throw new ConfigException("eds_cluster_config", "is required by type EDS");
        }
        ConfigSource source = proto.getEdsClusterConfig().getEdsConfig();
        if (!source.hasAds() && !source.hasSelf()) {
          missing(
              "eds_cluster_config.eds_config",
              "endpoints come from the one stream of the mesh only");
        }
        yield Discovery.EDS;
      }
      case UNRECOGNIZED -> throw new ConfigException("type", "unknown value");
    };
  }

  private List<LocalityEndpoints> endpoints(Discovery discovery) {
    if (discovery == Discovery.EDS || !proto.hasLoadAssignment()) {
      return List.of();
    }
    List<LocalityEndpoints> endpoints =
        ConfigException.field(
                "load_assignment",
                proto.getLoadAssignment(),
                assignment -> EndpointCompiler.compile(proto.getName(), assignment))
            .localities();
    if (discovery == Discovery.LOGICAL_DNS
        && endpoints.stream().mapToInt(locality -> locality.endpoints().size()).sum() != 1) {
      throw new ConfigException("load_assignment", "LOGICAL_DNS needs exactly one endpoint");
    }
    return endpoints;
  }

  private CircuitBreakers breakers(RoutingPriority priority) {
    return ConfigException.field(
        "circuit_breakers",
        proto.getCircuitBreakers(),
        breakers -> CircuitBreakersCompiler.compile(breakers, priority));
  }

  private @Nullable OutlierDetection outlier() {
    if (!proto.hasOutlierDetection()) {
      return null;
    }
    try {
      return ConfigException.field(
          "outlier_detection", proto.getOutlierDetection(), OutlierDetectionCompiler::compile);
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e;
      }
      missing(e.fieldPath(), e.reason());
      return null;
    }
  }

  /** Without a name the host's first label, as {@code istio.stats} has it. */
  private String serviceName() {
    String name = service("name");
    String host = service("host");
    int dot = host.indexOf('.');
    return !name.isEmpty() || dot < 0 ? name : host.substring(0, dot);
  }

  /** {@code metadata.istio.services[0]}. */
  private String service(String key) {
    Struct istio = proto.getMetadata().getFilterMetadataMap().get("istio");
    Value services = istio == null ? null : istio.getFieldsMap().get("services");
    if (services == null || services.getListValue().getValuesCount() == 0) {
      return "";
    }
    Value host = services.getListValue().getValues(0).getStructValue().getFieldsMap().get(key);
    return host == null ? "" : host.getStringValue();
  }
}
