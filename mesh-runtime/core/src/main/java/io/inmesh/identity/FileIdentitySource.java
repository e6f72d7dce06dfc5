package io.inmesh.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a store supplied from three PEM files that somebody else renews. They are compared by
 * content at an interval, since notifications miss the symbolic links that Kubernetes swaps. Files
 * that do not fit together (half of a swap) are not used; the identity in use stays.
 */
public final class FileIdentitySource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.identity");

  private final Path chainFile;
  private final Path keyFile;
  private final Path rootsFile;
  private final @Nullable String trustDomain;
  private final Duration interval;
  private final IdentityStore store;
  private final ScheduledExecutorService scheduler;
  private final Clock clock;
  private volatile boolean closed;
  private byte[] seen = new byte[0]; // on the scheduler's tasks only
  private @Nullable String complained;

  /**
   * @param trustDomain what the certificate has to be of, or null for any
   * @param interval between two looks at the files
   * @param scheduler reads files; it is not shut down by this
   */
  public FileIdentitySource(
      Path chainFile,
      Path keyFile,
      Path rootsFile,
      @Nullable String trustDomain,
      Duration interval,
      IdentityStore store,
      ScheduledExecutorService scheduler,
      Clock clock) {
    this.chainFile = chainFile;
    this.keyFile = keyFile;
    this.rootsFile = rootsFile;
    this.trustDomain = trustDomain;
    this.interval = interval;
    this.store = store;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** Looks at the files now and then at each interval; returns at once. */
  public void start() {
    scheduler.execute(this::look);
  }

  private void look() {
    if (closed) {
      return;
    }
    try {
      read();
      WorkloadIdentity current = store.current();
      if (current != null && !current.valid(clock.instant())) {
        complain("hold a certificate that expired at " + current.notAfter());
      } else {
        complained = null;
      }
    } catch (IOException e) {
      complain("cannot be read: " + e);
    } catch (CertificateException | IdentityRefusedException | RuntimeException e) {
      complain("are not used: " + e.getMessage());
    }
    try {
      scheduler.schedule(this::look, interval.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.atWarn().log("the scheduler is shut down: certificate files are not followed any more");
    }
  }

  private void read() throws IOException, CertificateException, IdentityRefusedException {
    byte[] chainText = Files.readAllBytes(chainFile);
    byte[] keyText = Files.readAllBytes(keyFile);
    byte[] rootsText = Files.readAllBytes(rootsFile);
    byte[] hash = hash(chainText, keyText, rootsText);
    if (Arrays.equals(hash, seen)) {
      return;
    }
    List<X509Certificate> chain = Pem.certificates(text(chainText), chainFile.toString());
    PrivateKey key = Pem.privateKey(text(keyText), keyFile.toString());
    List<X509Certificate> roots = Pem.certificates(text(rootsText), rootsFile.toString());
    store.update(IdentityMaterial.check(key, chain, roots, trustDomain, clock.instant()));
    seen = hash; // only now: what does not fit is looked at again
  }

  /** Said once for each trouble, not at each interval. */
  private void complain(String why) {
    String trouble =
        "certificate files " + chainFile + ", " + keyFile + ", " + rootsFile + " " + why;
    store.failed(trouble);
    if (!trouble.equals(complained)) {
      complained = trouble;
      log.atWarn().log(trouble);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] hash(byte[]... contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] content : contents) {
        digest.update(new byte[] {(byte) (content.length >> 8), (byte) content.length});
        digest.update(content);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** Looks no more; the identity in use stays in the store. */
  @Override
  public void close() {
    closed = true;
  }
}
