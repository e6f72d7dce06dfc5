package io.inmesh.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A secret that a TLS context names: {@code SdsSecretConfig}.
 *
 * @param name {@code default}, {@code ROOTCA}, {@code file-cert:chain.pem~key.pem}, {@code
 *     kubernetes://...}
 * @param source who has it
 */
public record SecretRef(String name, Source source) {
  /** The workload's own certificate and key, by Istio's name for them. */
  public static final SecretRef OWN_CERTIFICATE = new SecretRef("default", Source.Own.INSTANCE);

  /** The mesh's roots, by Istio's name for them. */
  public static final SecretRef MESH_ROOTS = new SecretRef("ROOTCA", Source.Own.INSTANCE);

  /** Where secrets come from. */
  public sealed interface Source {
    /** This process has it: its identity, or files on its disk that the name names. */
    record Own() implements Source {
      static final Own INSTANCE = new Own();
    }

    /** The control plane, on the stream for everything else: {@code ads}. */
    record Ads() implements Source {
      static final Ads INSTANCE = new Ads();
    }

    /**
     * A stream to the hosts of a cluster: {@code envoy_grpc}.
     *
     * @param delta {@code DELTA_GRPC} rather than {@code GRPC}
     */
    record GrpcCluster(String cluster, boolean delta) implements Source {}
  }

  /** The platform's roots, by Istio's name for them. */
  public static final SecretRef SYSTEM_ROOTS =
      new SecretRef("file-root:system", Source.Own.INSTANCE);

  /** The identity is waited for elsewhere, the platform's roots are there. */
  private static final Set<SecretRef> NOT_FETCHED =
      Set.of(OWN_CERTIFICATE, MESH_ROOTS, SYSTEM_ROOTS);

  static void add(@Nullable SecretRef secret, Set<SecretRef> to) {
    if (secret != null && !NOT_FETCHED.contains(secret)) {
      to.add(secret);
    }
  }

  /** For people. */
  @Override
  public String toString() {
    return source instanceof Source.GrpcCluster from
        ? name + " (from cluster " + from.cluster() + ")"
        : name;
  }
}
