package io.inmesh;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set. The key is also a system property; the environment variable is the
 * key in capitals with underscores ({@code INMESH_CONTROL_PLANE}); in the YAML file the key may be
 * written nested.
 */
public enum Setting {
  /** {@code false}: nothing is started, {@link Mesh#wrap} gives back what it gets. */
  ENABLED("inmesh.enabled", "true"),
  /** A YAML file with settings. */
  CONFIG_FILE("inmesh.config-file", null),
  /** {@code host:port} of the ADS server. */
  CONTROL_PLANE("inmesh.control-plane.address", "istiod.istio-system.svc:15012"),
  /**
   * More of them, {@code host:port} separated by commas: asked in this order when those before
   * cannot be reached (gRFC A71). TLS, token and name are the same for all.
   */
  CONTROL_PLANE_FALLBACKS("inmesh.control-plane.fallbacks", ""),
  /** {@code true}: no TLS to the control plane; only sensible on loopback. */
  CONTROL_PLANE_PLAINTEXT("inmesh.control-plane.plaintext", "false"),
  /** The name in the control plane's certificate. */
  CONTROL_PLANE_SERVER_NAME("inmesh.control-plane.server-name", "istiod.istio-system.svc"),
  /** PEM file with the roots that the control plane's certificate leads to. */
  CONTROL_PLANE_ROOTS("inmesh.control-plane.roots-file", "/var/run/secrets/istio/root-cert.pem"),
  /** JWT for the control plane and its CA; read anew for each use. */
  TOKEN_FILE("inmesh.token-file", "/var/run/secrets/tokens/istio-token"),
  /** {@code istio-ca}, {@code files} or {@code none}. */
  IDENTITY("inmesh.identity.source", "istio-ca"),
  /** {@code host:port} of the CA; the control plane's address when not set. */
  CA("inmesh.identity.ca-address", null),
  IDENTITY_CHAIN_FILE("inmesh.identity.chain-file", null),
  IDENTITY_KEY_FILE("inmesh.identity.key-file", null),
  IDENTITY_ROOTS_FILE("inmesh.identity.roots-file", null),
  /** Asked for; the CA may give another. */
  IDENTITY_LIFETIME("inmesh.identity.lifetime", "24h"),
  TRUST_DOMAIN("inmesh.trust-domain", null),
  NAMESPACE("inmesh.namespace", "default"),
  SERVICE_ACCOUNT("inmesh.service-account", "default"),
  /** Name of this workload (a pod's name); the host's name when not set. */
  WORKLOAD("inmesh.workload", null),
  /** {@code app=reviews,version=v1}. */
  LABELS("inmesh.labels", ""),
  /**
   * The pod's labels from the downward API, a line {@code name="value"} for each; what {@link
   * #LABELS} has wins. A file that is not there is no error.
   */
  LABELS_FILE("inmesh.labels-file", "/etc/istio/pod/labels"),
  /** Address that others reach this workload by; the first non-loopback one when not set. */
  IP("inmesh.ip", null),
  /**
   * Ports of the application by name: {@code http:8080,grpc:9090}. The embedded control plane makes
   * endpoints of them.
   */
  PORTS("inmesh.ports", ""),
  CLUSTER_ID("inmesh.cluster-id", "Kubernetes"),
  /** {@code region/zone/sub-zone}. */
  LOCALITY("inmesh.locality", ""),
  /** How long {@link Mesh#start} waits for identity and first configuration. */
  START_LIMIT("inmesh.start-limit", "30s"),
  /** {@code fail}, {@code wait} or {@code last-known-good}. */
  ON_START_LIMIT("inmesh.on-start-limit", "fail"),
  /** Where the configuration in force is kept for {@code last-known-good}; needed for it. */
  LAST_KNOWN_GOOD_FILE("inmesh.last-known-good.file", null),
  /** How long {@link Mesh#close} waits for requests that run. */
  DRAIN_LIMIT("inmesh.drain-limit", "10s"),
  /**
   * Path and query, separated by commas: a plaintext GET or HEAD of exactly one of them is served
   * whatever mTLS mode and policy say.
   */
  PLAINTEXT_PATHS("inmesh.plaintext.paths", ""),
  /** Ports of the application where this holds for every plaintext request. */
  PLAINTEXT_PORTS("inmesh.plaintext.ports", ""),
  /** {@code stand-down}: with an Istio sidecar in the same pod nothing starts; {@code ignore}. */
  ON_SIDECAR("inmesh.on-sidecar", "stand-down"),
  /**
   * Destinations that are left alone: {@code host}, {@code host:port} or CIDR ranges, separated by
   * commas.
   */
  EXCLUDE("inmesh.exclude", ""),
  /**
   * {@code auto}: calls are counted when somebody can read the counts (the admin server is on, or
   * {@code MeshConfig.with(OpenTelemetry.class, ...)} was given); {@code on}; {@code off}.
   */
  METRICS("inmesh.metrics", "auto"),
  /**
   * {@code as-configured}: access logs go where the control plane says; {@code slf4j}: what is for
   * files goes to the logger {@code io.inmesh.access}; {@code off}.
   */
  ACCESS_LOG("inmesh.access-log", "as-configured"),
  /**
   * {@code as-configured}: spans where the control plane has configured a tracer, sampled as it
   * says; {@code always}: for every call, and the application's SDK samples; {@code off}. Needs
   * {@code MeshConfig.with(OpenTelemetry.class, ...)}.
   */
  TRACING("inmesh.tracing", "as-configured"),
  /**
   * {@code host:port} of the admin server; not set: there is none. It says much and asks nobody who
   * he is: loopback only.
   */
  ADMIN_ADDRESS("inmesh.admin.address", null);

  private final String key;
  private final @Nullable String otherwise;

  Setting(String key, @Nullable String otherwise) {
    this.key = key;
    this.otherwise = otherwise;
  }

  public String key() {
    return key;
  }

  /** What holds when nothing is set; null: nothing, or worked out at start. */
  public @Nullable String defaultValue() {
    return otherwise;
  }

  public String environmentVariable() {
    return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
