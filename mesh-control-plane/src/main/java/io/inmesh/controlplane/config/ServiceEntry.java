package io.inmesh.controlplane.config;

import java.util.List;
import java.util.Map;

/**
 * networking.istio.io ServiceEntry.
 *
 * @param addresses IP addresses, with resolution NONE CIDR blocks too
 * @param external {@code location: MESH_EXTERNAL}: nobody there speaks mesh TLS
 * @param endpoints with resolution DNS and DNS_ROUND_ROBIN host names, otherwise IP addresses and
 *     {@code unix://} paths
 * @param selector labels that choose workloads of the same namespace; empty when {@code endpoints}
 *     lists them
 * @param subjectAltNames accepted besides the workloads' own identities
 */
public record ServiceEntry(
    ObjectMeta meta,
    List<String> hosts,
    List<String> addresses,
    List<ServicePort> ports,
    boolean external,
    Resolution resolution,
    List<Workload> endpoints,
    Map<String, String> selector,
    Visibility exportTo,
    List<String> subjectAltNames)
    implements MeshObject {

  /** Where the addresses come from. */
  public enum Resolution {
    /** Where the caller wanted to go. */
    NONE,
    STATIC,
    DNS,
    DNS_ROUND_ROBIN;

    public boolean dns() {
      return this == DNS || this == DNS_ROUND_ROBIN;
    }
  }
}
