package io.inmesh.runtime;

import io.inmesh.config.SecretRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets that are files, by the names that Istio gives them: {@code file-cert:chain.pem~key.pem}
 * and {@code file-root:roots.pem}. Looked at again at an interval and used when they have changed;
 * files that do not fit together (half of a change) are not, and what was in use stays.
 */
final class SecretFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.identity");
  private static final String CERTIFICATE = "file-cert:";
  private static final String ROOTS = "file-root:";

  private final Secrets secrets;
  private final ScheduledExecutorService timer;
  private final Executor workers;
  private final Duration interval;
  private final Consumer<SecretRef> looked;
  private final Map<SecretRef, File> watched = new HashMap<>();
  private boolean scheduled;
  private boolean closed;

  /**
   * What was seen of one secret.
   *
   * @param content as last used
   * @param trouble as last said
   */
  private record File(@Nullable String content, @Nullable String trouble) {
    static final File UNSEEN = new File(null, null);
  }

  /**
   * @param looked told of a secret once its files were read, or could not be: a start is not held
   *     up by a file that is missing
   */
  SecretFiles(
      Secrets secrets,
      ScheduledExecutorService timer,
      Executor workers,
      Duration interval,
      Consumer<SecretRef> looked) {
    this.secrets = secrets;
    this.timer = timer;
    this.workers = workers;
    this.interval = interval;
    this.looked = looked;
  }

  synchronized void follow(Set<SecretRef> wanted) {
    for (Iterator<SecretRef> names = watched.keySet().iterator(); names.hasNext(); ) {
      SecretRef name = names.next();
      if (!wanted.contains(name)) {
        names.remove();
        secrets.forget(name);
      }
    }
    wanted.forEach(name -> watched.putIfAbsent(name, File.UNSEEN));
    if (!watched.isEmpty() && !closed) {
      workers.execute(this::look);
    }
  }

  /** Now; called by itself as well. */
  synchronized void look() {
    watched.replaceAll(this::read);
    if (!watched.isEmpty() && !scheduled && !closed) {
      scheduled = true;
      try {
        timer.schedule(
            () -> workers.execute(this::again), interval.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        closed = true;
      }
    }
  }

  private synchronized void again() {
    scheduled = false;
    look();
  }

  private File read(SecretRef name, File before) {
    String trouble;
    try {
      String content = use(name, before.content());
      return told(name, before, new File(content, null));
    } catch (IOException | RuntimeException e) {
      trouble = "cannot be read: " + e;
    } catch (CertificateException e) {
      trouble = "is not used: " + e.getMessage();
    }
    if (!trouble.equals(before.trouble())) {
      LOG.atWarn().addKeyValue("secret", name).log("{} {}", name, trouble);
    }
    return told(name, before, new File(before.content(), trouble));
  }

  private File told(SecretRef name, File before, File now) {
    if (before == File.UNSEEN) {
      looked.accept(name);
    }
    return now;
  }

  /** What is in use now. */
  private String use(SecretRef secret, @Nullable String before)
      throws IOException, CertificateException {
    String name = secret.name();
    if (name.startsWith(ROOTS)) {
      String pem = text(name.substring(ROOTS.length()));
      if (!pem.equals(before)) {
        secrets.putRoots(secret, pem, List.of());
      }
      return pem;
    }
    int between = name.indexOf('~');
    if (!name.startsWith(CERTIFICATE) || between < 0) {
      throw new IOException("names no file; file-cert:chain~key and file-root:roots do");
    }
    String chain = text(name.substring(CERTIFICATE.length(), between));
    String key = text(name.substring(between + 1));
    // the key itself is not kept: that it has changed is seen from its certificate
    String content = chain + Objects.hash(key);
    if (!content.equals(before)) {
      secrets.putCertificate(secret, chain, key);
    }
    return content;
  }

  private static String text(String file) throws IOException {
    return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
