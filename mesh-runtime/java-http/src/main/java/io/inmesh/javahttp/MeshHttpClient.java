package io.inmesh.javahttp;

import io.inmesh.call.CurrentCall;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The client that {@link JavaHttpAdapter} gives: thread-safe, as the JDK's. */
final class MeshHttpClient extends HttpClient {
  /** Of one wrapped client. */
  static final int MAX_THREADS = 256;

  private static final long CLOSE_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final HttpClient given;
  private final MeshServices services;
  private final OkHttpClient engine;
  private final Executor threads = new BoundedThreads(MAX_THREADS);
  private final Credentials credentials;
  private final Set<Sending<?>> running = ConcurrentHashMap.newKeySet();
  private volatile boolean shutdown;

  MeshHttpClient(HttpClient given, MeshServices services) {
    this.given = given;
    this.services = services;
    this.engine = Engines.under(given, services);
    this.credentials = new Credentials(given);
  }

  // ---- sending

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = sendAsync(request, handler);
    try {
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw Failures.asThrownBySend(e.getCause());
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return sendAsync(request, handler, null);
  }

  /** The mesh has no push promises, as a sidecar has none: the handler is used only beside it. */
  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(handler, "handler");
    Requests.check(request);
    Sending<T> sending = new Sending<>(this, request, handler, pushes, CurrentCall.context());
    if (shutdown) {
      sending.future().completeExceptionally(new IOException("this HttpClient was shut down"));
      return sending.future();
    }
    running.add(sending);
    threads.execute(sending);
    return sending.future();
  }

  void over(Sending<?> sending) {
    running.remove(sending);
  }

  HttpClient given() {
    return given;
  }

  OkHttpClient engine() {
    return engine;
  }

  Executor threads() {
    return threads;
  }

  Credentials credentials() {
    return credentials;
  }

  MeshServices services() {
    return services;
  }

  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    return new WebSockets(given.newWebSocketBuilder(), services);
  }

  // ---- as the given client has it

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return given.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return given.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return given.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return given.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return given.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return given.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return given.authenticator();
  }

  @Override
  public Version version() {
    return given.version();
  }

  @Override
  public Optional<Executor> executor() {
    return given.executor();
  }

  // ---- the end; these override methods that HttpClient has since Java 21

  /** No further requests; those that run go on. */
  public void shutdown() {
    shutdown = true;
  }

  /** No further requests, and those that run are broken off. */
  public void shutdownNow() {
    shutdown = true;
    running.forEach(Sending::cancel);
  }

  public boolean isTerminated() {
    return shutdown && running.isEmpty();
  }

  public boolean awaitTermination(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    while (!isTerminated() && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, CLOSE_STEP_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return isTerminated();
  }

  /** Waits for what runs, then closes the given client, where its Java has a close. */
  public void close() {
    shutdown();
    try {
      while (!isTerminated()) {
        awaitTermination(Duration.ofDays(1));
      }
    } catch (InterruptedException e) {
      shutdownNow();
      Thread.currentThread().interrupt();
    }
    if ((Object) given instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("the wrapped HttpClient could not be closed", e);
      }
    }
  }
}
