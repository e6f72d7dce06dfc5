package io.inmesh.runtime;

import io.inmesh.config.CompiledSecret;
import io.inmesh.config.ConfigException;
import io.inmesh.config.SecretCompiler;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TransportSocket.San;
import io.inmesh.identity.BelievedRoots;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.ShownCertificate;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.xds.XdsResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Certificates and roots by the names that the configuration gives them: this workload's own, those
 * of files, those that SDS has brought. What is there stays until something better takes its place.
 * Reading is lock-free, from any thread.
 */
final class Secrets {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.identity");

  /** Roots, and the names that their secret asks for. */
  record Roots(BelievedRoots believed, List<San> sans) {}

  /** Of a server that asks for no certificate. */
  static final Roots NOBODY = new Roots(BelievedRoots.none(), List.of());

  /** What the workload's identity is as a secret. */
  private record Own(WorkloadIdentity identity, ShownCertificate shown, BelievedRoots roots) {}

  private final IdentityStore identity;
  private final Clock clock;
  private final Map<SecretRef, ShownCertificate> certificates = new ConcurrentHashMap<>();
  private final Map<SecretRef, Roots> roots = new ConcurrentHashMap<>();
  private volatile @Nullable Own own;

  Secrets(IdentityStore identity, Clock clock) {
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * @throws IdentityUnavailableException while it is not there
   */
  ShownCertificate certificate(SecretRef name) throws IdentityUnavailableException {
    if (name.equals(SecretRef.OWN_CERTIFICATE)) {
      return own().shown();
    }
    ShownCertificate found = certificates.get(name);
    if (found == null) {
      throw missing(name, "certificate");
    }
    return found;
  }

  /**
   * @throws IdentityUnavailableException while they are not there
   */
  Roots roots(SecretRef name) throws IdentityUnavailableException {
    if (name.equals(SecretRef.MESH_ROOTS)) {
      return new Roots(own().roots(), List.of());
    }
    Roots found = roots.get(name);
    if (found == null) {
      throw missing(name, "validation context");
    }
    return found;
  }

  private static IdentityUnavailableException missing(SecretRef name, String what) {
    return new IdentityUnavailableException(
        "there is no " + what + " '" + name + "' yet (SDS): the connection is refused");
  }

  private Own own() throws IdentityUnavailableException {
    WorkloadIdentity now = identity.require();
    Own known = own;
    return known != null && known.identity() == now ? known : renew(now);
  }

  private synchronized Own renew(WorkloadIdentity now) {
    Own known = own;
    if (known != null && known.identity() == now) {
      return known;
    }
    Own next = new Own(now, ShownCertificate.of(now), BelievedRoots.of(now));
    own = next;
    if (known != null) {
      known.shown().replace();
      known.roots().replace();
    }
    return next;
  }

  boolean has(SecretRef name) {
    return certificates.containsKey(name) || roots.containsKey(name);
  }

  /**
   * Puts a secret that SDS has brought to use.
   *
   * @return why it is refused; null: it is not. What was in use stays then
   */
  @Nullable String accept(SecretRef name, XdsResource resource) {
    try {
      CompiledSecret secret = SecretCompiler.compile(resource.name(), resource.body());
      if (secret instanceof CompiledSecret.Certificate certificate) {
        putCertificate(name, text(certificate.chain()), text(certificate.key()));
      } else if (secret instanceof CompiledSecret.Validation validation) {
        putRoots(name, text(validation.roots()), validation.sans());
      }
      return null;
    } catch (ConfigException | CertificateException e) {
      return String.valueOf(e.getMessage());
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  void putCertificate(SecretRef name, String chainPem, String keyPem) throws CertificateException {
    ShownCertificate next =
        ShownCertificate.read(name.toString(), chainPem, keyPem, clock.instant());
    ShownCertificate old = certificates.put(name, next);
    if (old != null) {
      old.replace();
    }
    LOG.atLevel(old == null ? Level.DEBUG : Level.INFO)
        .addKeyValue("secret", name)
        .addKeyValue("not_after", next.notAfter())
        .log(old == null ? "certificate received" : "certificate renewed");
  }

  void putRoots(SecretRef name, String pem, List<San> sans) throws CertificateException {
    Roots old = roots.put(name, new Roots(BelievedRoots.read(name.toString(), pem), sans));
    if (old != null) {
      old.believed().replace();
    }
    LOG.atLevel(old == null ? Level.DEBUG : Level.INFO)
        .addKeyValue("secret", name)
        .log(old == null ? "roots received" : "roots renewed");
  }

  /** Nothing needs it any more. */
  void forget(SecretRef name) {
    ShownCertificate certificate = certificates.remove(name);
    if (certificate != null) {
      certificate.replace();
    }
    Roots believed = roots.remove(name);
    if (believed != null) {
      believed.believed().replace();
    }
  }

  private static String text(CompiledSecret.Source source) throws IOException {
    if (!source.inFile().isEmpty()) {
      return Files.readString(Path.of(source.inFile()));
    }
    if (!source.inVariable().isEmpty()) {
      String value = System.getenv(source.inVariable());
      if (value == null) {
        throw new IOException("the environment has no " + source.inVariable());
      }
      return value;
    }
    return source.here().toString(StandardCharsets.UTF_8);
  }
}
