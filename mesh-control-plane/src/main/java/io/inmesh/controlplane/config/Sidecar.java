package io.inmesh.controlplane.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * networking.istio.io Sidecar: what a workload's sidecar listens on and knows of the mesh.
 *
 * @param selector empty: for every workload of the namespace (in the root namespace: of the mesh)
 *     that no other Sidecar is for
 * @param egress empty: the whole mesh
 * @param ingress empty: the ports of the workload's services
 * @param inboundPool for every inbound port without a pool of its own
 * @param outboundPolicy what becomes of unknown destinations; null: the mesh's default
 */
public record Sidecar(
    ObjectMeta meta,
    Map<String, String> selector,
    List<Egress> egress,
    List<Ingress> ingress,
    TrafficPolicy.@Nullable ConnectionPool inboundPool,
    @Nullable OutboundPolicy outboundPolicy)
    implements MeshObject {

  /**
   * A listener for calls of the application.
   *
   * @param port null: for whatever ports the services have
   * @param bind empty: by the services
   * @param hosts what it leads to
   */
  public record Egress(
      @Nullable ServicePort port, String bind, CaptureMode capture, List<HostPattern> hosts) {}

  /**
   * A listener for calls from others.
   *
   * @param bind empty: any address
   * @param host where the application listens: 127.0.0.1 or ::1, 0.0.0.0 or :: for the workload's
   *     own address
   * @param ownTls {@code tls} is given; it takes the place of mesh TLS where that is disabled
   */
  public record Ingress(
      ServicePort port,
      String bind,
      CaptureMode capture,
      String host,
      int applicationPort,
      TrafficPolicy.@Nullable ConnectionPool pool,
      boolean ownTls) {}

  /** How connections reach a listener. */
  public enum CaptureMode {
    /** Redirected. */
    DEFAULT,
    IPTABLES,
    /** Made to the address that the listener is bound to. */
    NONE
  }

  /** {@code namespace/host}. */
  public record HostPattern(String namespace, String host) {
    /**
     * @param own the namespace of the workload
     */
    public boolean matches(String ofNamespace, String name, String own) {
      boolean here =
          namespace.equals("*") || ofNamespace.equals(namespace.equals(".") ? own : namespace);
      return here && (host.equals("*") || host.equals(name) || under(name));
    }

    private boolean under(String name) {
      return host.startsWith("*.") && name.endsWith(host.substring(1));
    }
  }
}
