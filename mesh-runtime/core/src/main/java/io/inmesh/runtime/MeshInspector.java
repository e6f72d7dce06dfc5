package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is in force in a mesh, for people to look at: frameworks show it in their own way. Never a
 * key or a token. Thread-safe.
 */
public final class MeshInspector {
  /**
   * A cluster.
   *
   * @param activeRequests under way now, of either priority
   */
  public record ClusterView(String name, long activeRequests, List<HostView> hosts) {}

  /**
   * One of its hosts.
   *
   * @param health Envoy's health status, as the control plane gave it
   * @param ejected by outlier detection, now
   */
  public record HostView(String address, String health, boolean ejected, int activeRequests) {}

  /**
   * A certificate.
   *
   * @param role {@code own}, {@code intermediate} or {@code root}
   */
  public record CertificateView(
      String role, String subject, String serial, Instant notBefore, Instant notAfter) {}

  private final @Nullable Clusters clusters;
  private final @Nullable IdentityStore identity;

  MeshInspector(@Nullable Clusters clusters, @Nullable IdentityStore identity) {
    this.clusters = clusters;
    this.identity = identity;
  }

  /** Of a mesh that is off, or not of this runtime, there is nothing to see. */
  public static MeshInspector of(Mesh mesh) {
    return mesh instanceof MeshRuntime runtime
        ? runtime.inspector()
        : new MeshInspector(null, null);
  }

  /** By name. */
  public List<ClusterView> clusters() {
    Clusters known = clusters;
    if (known == null) {
      return List.of();
    }
    long now = System.nanoTime();
    return known.all().stream()
        .map(cluster -> view(cluster, now))
        .sorted(Comparator.comparing(ClusterView::name))
        .toList();
  }

  private static ClusterView view(Cluster cluster, long now) {
    return new ClusterView(
        cluster.name(),
        cluster.activeRequests(false) + cluster.activeRequests(true),
        cluster.hosts().stream().map(host -> view(host, now)).toList());
  }

  private static HostView view(Host host, long now) {
    return new HostView(
        host.address(),
        host.health().name().toLowerCase(Locale.ROOT),
        host.ejected(now),
        host.active());
  }

  /** The chain that is shown, then the roots that are believed. */
  public List<CertificateView> certificates() {
    WorkloadIdentity now = identity == null ? null : identity.current();
    List<CertificateView> all = new ArrayList<>();
    if (now != null) {
      all.add(view("own", now.spiffeId().toString(), now.leaf()));
      for (X509Certificate certificate : now.chain().subList(1, now.chain().size())) {
        all.add(view("intermediate", certificate.getSubjectX500Principal().getName(), certificate));
      }
      for (X509Certificate certificate : now.roots()) {
        all.add(view("root", certificate.getSubjectX500Principal().getName(), certificate));
      }
    }
    return all;
  }

  private static CertificateView view(String role, String subject, X509Certificate certificate) {
    return new CertificateView(
        role,
        subject,
        certificate.getSerialNumber().toString(16),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }
}
