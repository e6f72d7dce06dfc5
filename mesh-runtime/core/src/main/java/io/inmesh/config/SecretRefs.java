package io.inmesh.config;

import io.inmesh.config.SecretRef.Source;
import io.inmesh.proto.envoy.config.core.v3.ApiConfigSource;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.config.core.v3.GrpcService;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import java.util.Locale;

/** {@code SdsSecretConfig}: who is to be asked for a secret. What cannot be asked is named. */
final class SecretRefs {
  /** Istio's name for the agent beside a sidecar: this process. */
  private static final String AGENT = "sds-grpc";

  private SecretRefs() {}

  static SecretRef compile(SdsSecretConfig proto) {
    String name = proto.getName();
    if (name.isEmpty()) {
      throw new ConfigException("name", "is required");
    }
    for (SecretRef own : new SecretRef[] {SecretRef.OWN_CERTIFICATE, SecretRef.MESH_ROOTS}) {
      if (own.name().equals(name)) {
        return own;
      }
    }
    if (!proto.hasSdsConfig()) {
      throw ConfigException.notYet(
          "sds_config", "is missing: there are no static secrets here, '" + name + "' is unknown");
    }
    return new SecretRef(
        name, ConfigException.field("sds_config", proto.getSdsConfig(), c -> source(name, c)));
  }

  private static Source source(String name, ConfigSource proto) {
    return switch (proto.getConfigSourceSpecifierCase()) {
      case ADS, SELF -> Source.Ads.INSTANCE;
      case API_CONFIG_SOURCE ->
          ConfigException.field(
              "api_config_source", proto.getApiConfigSource(), api -> api(name, api));
      case CONFIGSOURCESPECIFIER_NOT_SET ->
          throw new ConfigException("config_source_specifier", "is required");
      default ->
          throw ConfigException.notYet(
              proto.getConfigSourceSpecifierCase().name().toLowerCase(Locale.ROOT),
              "secrets are not read from it");
    };
  }

  private static Source api(String name, ApiConfigSource proto) {
    boolean delta = proto.getApiType() == ApiConfigSource.ApiType.DELTA_GRPC;
    if (!delta && proto.getApiType() != ApiConfigSource.ApiType.GRPC) {
      throw ConfigException.notYet("api_type", proto.getApiType() + " is not spoken");
    }
    if (proto.getGrpcServicesCount() != 1) {
      throw new ConfigException("grpc_services", "exactly one is needed");
    }
    return ConfigException.field(
        "grpc_services[0]", proto.getGrpcServices(0), service -> grpc(name, service, delta));
  }

  private static Source grpc(String name, GrpcService proto, boolean delta) {
    if (proto.getInitialMetadataCount() > 0) {
      throw ConfigException.notYet("initial_metadata", "is not sent");
    }
    if (!proto.hasEnvoyGrpc()) {
      // the only other one that Envoy has; its message is not generated
      throw ConfigException.notYet(
          "google_grpc",
          "is not spoken: name the server as a cluster (envoy_grpc), pipes included");
    }
    String cluster = proto.getEnvoyGrpc().getClusterName();
    if (cluster.isEmpty()) {
      throw new ConfigException("envoy_grpc.cluster_name", "is required");
    }
    if (!cluster.equals(AGENT)) {
      return new Source.GrpcCluster(cluster, delta);
    }
    if (!name.startsWith("file-cert:") && !name.startsWith("file-root:")) {
      throw ConfigException.notYet(
          "envoy_grpc.cluster_name",
          "of the agent's secrets this process has default, ROOTCA and files, not '" + name + "'");
    }
    return Source.Own.INSTANCE;
  }
}
