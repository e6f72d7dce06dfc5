package io.inmesh.identity;

import io.grpc.Status;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a store supplied by Istio's CA ({@code istio.v1.auth.IstioCertificateService}). Renews
 * before expiry; while the CA cannot be reached or answers with something unfit, the identity in
 * use stays and the next try comes after a back-off.
 */
public final class IstioCaSource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.identity");

  private final IstioCaConfig config;
  private final IstioCaClient client;
  private final IdentityStore store;
  private final ScheduledExecutorService scheduler;
  private final Clock clock;
  private final RenewalTimes times;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<List<String>> pending;
  private int failures; // on the scheduler's tasks only, which follow one another

  /**
   * @param scheduler runs short tasks that do not block; it is not shut down by this
   */
  public IstioCaSource(
      IstioCaConfig config,
      IdentityStore store,
      ScheduledExecutorService scheduler,
      Clock clock,
      RandomGenerator random) {
    this.config = config;
    this.client = new IstioCaClient(config);
    this.store = store;
    this.scheduler = scheduler;
    this.clock = clock;
    this.times = new RenewalTimes(random);
  }

  /** Asks for the first certificate and from then on for the next; returns at once. */
  public void start() {
    scheduler.execute(this::ask);
  }

  private void ask() {
    if (closed) {
      return;
    }
    try {
      SigningRequest request = SigningRequest.create(config.keyType());
      CompletableFuture<List<String>> answer =
          client.sign(request.pem(), store.current(), clock.instant());
      pending = answer;
      if (closed) {
        answer.cancel(false);
      }
      answer.whenComplete(
          (entries, failure) -> onScheduler(() -> answered(request, entries, failure)));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      retry(String.valueOf(e.getMessage()));
    }
  }

  private void answered(
      SigningRequest request, @Nullable List<String> entries, @Nullable Throwable failure) {
    if (closed) {
      return;
    }
    if (entries == null) {
      retry(failure == null ? "no answer" : reason(failure));
      return;
    }
    try {
      IdentityMaterial material =
          CertificateAnswer.read(entries, request.key(), trustDomain(), clock.instant());
      failures = 0;
      store.update(material);
      later(times.untilRenewal(clock.instant(), material.notAfter()));
    } catch (IdentityRefusedException e) {
      retry("its answer is not used: " + e.getMessage());
    } catch (RuntimeException e) {
      retry("its answer cannot be used: " + e);
    }
  }

  private @Nullable String trustDomain() {
    WorkloadIdentity current = store.current();
    return config.trustDomain() != null || current == null
        ? config.trustDomain()
        : current.spiffeId().trustDomain();
  }

  private void retry(String why) {
    failures++;
    Duration delay = times.untilRetry(failures);
    WorkloadIdentity current = store.current();
    store.failed("CA " + config.address() + ": " + why);
    log.atWarn()
        .addKeyValue("ca", config.address())
        .addKeyValue("failures", failures)
        .addKeyValue("retry_in_ms", delay.toMillis())
        .addKeyValue("not_after", current == null ? "none yet" : current.notAfter())
        .log("no certificate from the CA: {}", why);
    later(delay);
  }

  private void later(Duration delay) {
    try {
      scheduler.schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.atWarn()
          .log("the scheduler is shut down: the workload certificate is not renewed any more");
    }
  }

  private void onScheduler(Runnable task) {
    try {
      scheduler.execute(task);
    } catch (RejectedExecutionException e) {
      log.atDebug().log("an answer of the CA came after the scheduler was shut down");
    }
  }

  /** One line; of nested causes the innermost, which is the one that says something. */
  private String reason(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    StringBuilder text = new StringBuilder(status.getCode().name());
    if (status.getDescription() != null) {
      text.append(' ').append(status.getDescription().lines().findFirst().orElse(""));
    }
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause != null) {
      text.append(" (")
          .append(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""))
          .append(')');
    }
    if (status.getCode() == Status.Code.UNAUTHENTICATED) {
      text.append("; look at the token in ")
          .append(config.tokenFile())
          .append(": issuer, audience (istio-ca), expiry");
    }
    return text.toString();
  }

  /** Stops renewing; the identity in use stays in the store. */
  @Override
  public void close() {
    closed = true;
    CompletableFuture<List<String>> call = pending;
    if (call != null) {
      call.cancel(false);
    }
  }
}
