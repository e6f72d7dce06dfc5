package io.inmesh.javahttp;

import io.inmesh.call.CallContext;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One request of the application: its hops, each a logical call of the mesh, until the answer is
 * the caller's. Runs on one thread of the client until the head is there. {@link #cancel} may come
 * from any thread.
 */
final class Sending<T> implements Runnable {
  private final MeshHttpClient client;
  private final HttpRequest original;
  private final BodyHandler<T> handler;
  private final @Nullable PushPromiseHandler<T> pushes;
  private final CallContext context;
  private final Answer future = new Answer();
  private volatile boolean cancelled;
  private volatile boolean timedOut;
  private volatile @Nullable Call call;
  private volatile @Nullable BodyFeed feed;
  private volatile @Nullable CompletableFuture<?> delegated;
  private @Nullable HttpResponse<T> previous;

  Sending(
      MeshHttpClient client,
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> pushes,
      CallContext context) {
    this.client = client;
    this.original = request;
    this.handler = handler;
    this.pushes = pushes;
    this.context = context;
  }

  CompletableFuture<HttpResponse<T>> future() {
    return future;
  }

  void cancel() {
    cancelled = true;
    Call running = call;
    if (running != null) {
      running.cancel();
    }
    BodyFeed body = feed;
    if (body != null) {
      body.cancelByCaller();
    }
    CompletableFuture<?> elsewhere = delegated;
    if (elsewhere != null) {
      elsewhere.cancel(true);
    }
    if (running == null && elsewhere == null) {
      future.completeExceptionally(new IOException("Canceled"));
    }
  }

  @Override
  public void run() {
    boolean goesOn = false;
    try {
      goesOn = hops();
    } catch (IOException | RuntimeException e) {
      future.completeExceptionally(told(e));
    } catch (Error e) {
      future.completeExceptionally(e);
      throw e;
    } finally {
      if (!goesOn) {
        client.over(this);
      }
    }
  }

  private Throwable told(Exception e) {
    if (timedOut) {
      HttpTimeoutException late = new HttpTimeoutException("request timed out");
      late.initCause(e);
      return late;
    }
    return e;
  }

  /** True: the answer's body is still on its way. */
  private boolean hops() throws IOException {
    HttpRequest request = original;
    String authorization = client.credentials().known(request.uri());
    int challenges = 0;
    for (int redirects = 0; ; ) {
      if (cancelled) {
        throw new IOException("Canceled");
      }
      Response answer;
      try {
        answer = send(request, authorization);
      } catch (LeftAlone beside) {
        return beside(request);
      }
      boolean given = false;
      try {
        saveCookies(request, answer);
        HttpRequest next = null;
        if (answer.code() == 401 && challenges < Credentials.LIMIT && mayAuthorize(request)) {
          challenges++;
          authorization = client.credentials().answer(request.uri(), answer);
          next = authorization == null ? null : request;
        } else {
          if (authorization != null) {
            client.credentials().worked(request.uri(), authorization);
          }
          if (redirects < Redirects.LIMIT) {
            next = Redirects.next(client.followRedirects(), request, answer);
          }
          if (next != null) {
            redirects++;
            challenges = 0;
            authorization = client.credentials().known(next.uri());
          }
        }
        if (next == null) {
          given = true;
          deliver(request, answer);
          return true;
        }
        previous = response(request, answer, null);
        request = next;
      } finally {
        if (!given) {
          answer.close();
        }
      }
    }
  }

  private Response send(HttpRequest request, @Nullable String authorization) throws IOException {
    Map<String, List<String>> more = new HashMap<>();
    CookieHandler cookies = client.cookieHandler().orElse(null);
    if (cookies != null) {
      cookies
          .get(request.uri(), request.headers().map())
          .forEach(
              (name, values) -> {
                if (!values.isEmpty()) {
                  more.put(name, List.of(String.join("; ", values)));
                }
              });
    }
    if (authorization != null && mayAuthorize(request)) {
      more.put("authorization", List.of(authorization));
    }
    Call running = client.engine().newCall(Requests.of(request, more));
    running.tag(CallContext.class, () -> context);
    call = running;
    if (cancelled) {
      running.cancel();
    }
    Future<?> limit = limit(request, running);
    try {
      return running.execute();
    } finally {
      if (limit != null) {
        limit.cancel(false);
      }
    }
  }

  /** One that the application wrote itself is its own affair. */
  private static boolean mayAuthorize(HttpRequest request) {
    return request.headers().firstValue("authorization").isEmpty();
  }

  private @Nullable Future<?> limit(HttpRequest request, Call running) {
    if (request.timeout().isEmpty()) {
      return null;
    }
    try {
      return client
          .services()
          .drivers()
          .timer()
          .schedule(
              () -> {
                timedOut = true;
                running.cancel();
              },
              request.timeout().get().toNanos(),
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null; // the mesh has been closed
    }
  }

  private void saveCookies(HttpRequest request, Response answer) throws IOException {
    CookieHandler cookies = client.cookieHandler().orElse(null);
    if (cookies != null) {
      cookies.put(request.uri(), answer.headers().toMultimap());
    }
  }

  /** The mesh has no part in it: from here on the given client goes on alone. */
  private boolean beside(HttpRequest request) {
    CompletableFuture<HttpResponse<T>> sent =
        pushes == null
            ? client.given().sendAsync(request, handler)
            : client.given().sendAsync(request, handler, pushes);
    delegated = sent;
    call = null;
    if (cancelled) {
      sent.cancel(true);
    }
    sent.whenComplete(
        (answer, failure) -> {
          if (failure == null) {
            future.complete(answer);
          } else {
            Throwable cause = failure.getCause();
            future.completeExceptionally(
                failure instanceof CompletionException && cause != null ? cause : failure);
          }
          client.over(this);
        });
    return true;
  }

  private void deliver(HttpRequest request, Response answer) {
    MeshHttpResponse<T> head = response(request, answer, null);
    BodySubscriber<T> subscriber;
    CompletionStage<T> whole;
    try {
      subscriber = Objects.requireNonNull(handler.apply(new Info(head)), "body subscriber");
      whole = subscriber.getBody();
    } catch (RuntimeException e) {
      answer.close();
      client.over(this);
      throw e;
    }
    BodyFeed body =
        new BodyFeed(
            Objects.requireNonNull(call),
            answer,
            empty(request, answer),
            subscriber,
            client.threads(),
            () -> client.over(this));
    whole.whenComplete(
        (given, failure) -> {
          if (failure == null) {
            future.complete(response(request, answer, given));
          } else {
            Throwable cause = failure.getCause();
            future.completeExceptionally(
                failure instanceof CompletionException && cause != null ? cause : failure);
          }
        });
    feed = body;
    if (cancelled) {
      body.cancelByCaller();
    }
    body.start();
  }

  private static boolean empty(HttpRequest request, Response answer) {
    return request.method().equals("HEAD")
        || answer.code() == 204
        || answer.code() == 304
        || answer.body().contentLength() == 0;
  }

  private MeshHttpResponse<T> response(HttpRequest request, Response answer, @Nullable T body) {
    return new MeshHttpResponse<>(
        request,
        answer.code(),
        HttpHeaders.of(answer.headers().toMultimap(), (name, value) -> true),
        answer.protocol() == Protocol.HTTP_2 || answer.protocol() == Protocol.H2_PRIOR_KNOWLEDGE
            ? HttpClient.Version.HTTP_2
            : HttpClient.Version.HTTP_1_1,
        previous,
        body);
  }

  private record Info(MeshHttpResponse<?> head) implements HttpResponse.ResponseInfo {
    @Override
    public int statusCode() {
      return head.statusCode();
    }

    @Override
    public HttpHeaders headers() {
      return head.headers();
    }

    @Override
    public HttpClient.Version version() {
      return head.version();
    }
  }

  /** Cancelling it gives the request up, as with the JDK's client. */
  private final class Answer extends CompletableFuture<HttpResponse<T>> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean done = completeExceptionally(new CancellationException());
      if (done) {
        Sending.this.cancel();
      }
      return isCancelled();
    }

    /** Dependent stages are the application's own. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }
}
