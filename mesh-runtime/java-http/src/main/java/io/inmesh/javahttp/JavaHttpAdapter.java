package io.inmesh.javahttp;

import io.inmesh.okhttp.OkHttpAdapter;
import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import java.net.http.HttpClient;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Meshes {@link HttpClient}s of the JDK. The wrapped client sends calls that are the mesh's over
 * the OkHttp engine, with the redirects, cookie handler, authenticator and TLS of the given client;
 * what the mesh leaves alone the given client sends, WebSockets included.
 *
 * <p>A call under way holds one of at most {@value MeshHttpClient#MAX_THREADS} daemon threads of
 * this client until its response head is there, and while a reader waits for bytes of a body;
 * further calls wait for a thread. A body whose reader asks for nothing holds none. Body handlers
 * and subscribers are called on those threads, not on the given client's executor.
 *
 * <p>Differences from the JDK's client, for calls through the mesh: the cluster decides about the
 * HTTP version and the connect time-out, not request or client; a GET or HEAD with a body is
 * refused; {@code sslSession()} is empty; there are no push promises; a body of {@code
 * BodyPublishers.fromPublisher} or of unknown length is sent once and never retried; {@code
 * newWebSocketBuilder()} refuses destinations of the mesh by name.
 */
public final class JavaHttpAdapter implements MeshAdapter<HttpClient> {
  @Override
  public Class<HttpClient> type() {
    return HttpClient.class;
  }

  @Override
  public @Nullable String problem() {
    OkHttpAdapter engine = new OkHttpAdapter();
    Objects.requireNonNull(engine.type()); // without OkHttp there is no such adapter: linkage error
    return engine.problem();
  }

  @Override
  public HttpClient wrap(HttpClient target, MeshServices services) {
    return new MeshHttpClient(target, services);
  }
}
