package io.inmesh.spring.boot;

import io.inmesh.MeshConfig.OnStartLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code inmesh.*} of the environment. What is not set here is looked for where Inmesh always
 * looks: system properties, environment, {@code inmesh.config-file}, Kubernetes, defaults.
 *
 * @param enabled Whether the application is in the mesh. Off: clients and servers are untouched.
 * @param local Whether the control plane is the embedded one, run by the first application on this
 *     machine. For development.
 * @param configFile YAML file with further settings.
 * @param controlPlane The ADS server.
 * @param tokenFile JWT for the control plane and its CA, read anew for each use. Default:
 *     /var/run/secrets/tokens/istio-token.
 * @param identity Where the certificate comes from.
 * @param trustDomain Certificates of another one are refused. Default: that of the first
 *     certificate.
 * @param namespace Namespace of this workload. Default: the pod's, else "default".
 * @param serviceAccount Who this workload is. Default: the pod's, else spring.application.name.
 * @param workload Name of this workload. Default: the pod's, else spring.application.name with the
 *     port.
 * @param labels Labels of this workload, which policies and subsets select. Default: the pod's,
 *     else app with spring.application.name.
 * @param labelsFile The pod's labels from the downward API. Default: /etc/istio/pod/labels.
 * @param ip Address that others reach this workload by. Default: the pod's, else the first that is
 *     not loopback.
 * @param ports The application's ports by name. Default: http with server.port.
 * @param clusterId Cluster of this workload. Default: Kubernetes.
 * @param locality Locality of this workload, region/zone/sub-zone.
 * @param startLimit How long the start waits for identity and first configuration. Default: 30s.
 * @param onStartLimit What happens then. Default: fail.
 * @param lastKnownGood The configuration that survives a restart without a control plane.
 * @param drainLimit How long the mesh waits at its end for requests that run. Default: 10s.
 * @param plaintext What is served in plaintext under any mTLS mode.
 * @param onSidecar What happens if there is an Istio sidecar in the same pod: stand-down or ignore.
 *     Default: stand-down.
 * @param exclude Destinations that are left alone: host, host:port or CIDR range.
 * @param localMesh Settings of the local mode.
 */
@ConfigurationProperties("inmesh")
public record InmeshProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("false") boolean local,
    @Nullable Path configFile,
    @DefaultValue ControlPlane controlPlane,
    @Nullable Path tokenFile,
    @DefaultValue Identity identity,
    @Nullable String trustDomain,
    @Nullable String namespace,
    @Nullable String serviceAccount,
    @Nullable String workload,
    @Pairs("=") @DefaultValue Map<String, String> labels,
    @Nullable Path labelsFile,
    @Nullable String ip,
    @Pairs(":") @DefaultValue Map<String, String> ports,
    @Nullable String clusterId,
    @Nullable String locality,
    @Nullable Duration startLimit,
    @Nullable OnStartLimit onStartLimit,
    @DefaultValue LastKnownGood lastKnownGood,
    @Nullable Duration drainLimit,
    @DefaultValue Plaintext plaintext,
    @Nullable String onSidecar,
    @DefaultValue List<String> exclude,
    @DefaultValue LocalMesh localMesh) {

  /**
   * The ADS server.
   *
   * @param address Its host:port. Default: istiod.istio-system.svc:15012.
   * @param fallbacks More of them, host:port each, asked when those before cannot be reached.
   * @param plaintext Whether it is spoken to without TLS; only sensible on loopback.
   * @param serverName Name in its certificate. Default: istiod.istio-system.svc.
   * @param rootsFile PEM with the roots that its certificate leads to. Default:
   *     /var/run/secrets/istio/root-cert.pem.
   */
  public record ControlPlane(
      @Nullable String address,
      @DefaultValue List<String> fallbacks,
      @Nullable Boolean plaintext,
      @Nullable String serverName,
      @Nullable Path rootsFile) {}

  /**
   * Where the certificate comes from.
   *
   * @param source The source: istio-ca, files or none. Default: istio-ca.
   * @param caAddress The CA's host:port. Default: the control plane's.
   * @param chainFile Certificate chain, for source files; followed when it changes.
   * @param keyFile Private key, for source files.
   * @param rootsFile Trusted roots, for source files.
   * @param lifetime Lifetime that the CA is asked for. Default: 24h.
   */
  public record Identity(
      @Nullable String source,
      @Nullable String caAddress,
      @Nullable Path chainFile,
      @Nullable Path keyFile,
      @Nullable Path rootsFile,
      @Nullable Duration lifetime) {}

  /**
   * The configuration that survives a restart without a control plane.
   *
   * @param file Where it is kept.
   */
  public record LastKnownGood(@Nullable Path file) {}

  /**
   * What is served in plaintext under any mTLS mode.
   *
   * @param paths A plaintext GET or HEAD of exactly one of these paths is served whatever mTLS mode
   *     and policy say.
   * @param ports Ports where this holds for every plaintext request.
   * @param probes Whether Actuator's liveness and readiness probes on the application's own port
   *     are among the paths.
   */
  public record Plaintext(
      @DefaultValue List<String> paths,
      @DefaultValue List<Integer> ports,
      @DefaultValue("true") boolean probes) {}

  /**
   * Settings of the local mode.
   *
   * @param directory Where the applications of this machine meet: keys, tokens, registrations, lock
   *     file. Owner-only. Default: .inmesh in the home directory.
   * @param config Folder with Istio YAML that this application brings into the mesh; changes are
   *     followed. Default: mesh in the working directory; it may be missing.
   * @param port Port of the control plane on loopback; a free one if it is taken.
   */
  public record LocalMesh(
      @Nullable Path directory, @Nullable Path config, @DefaultValue("15012") int port) {}
}
