package io.inmesh.javahttp;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.MeshServices;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * WebSockets to where the mesh has no part are the given client's. Those to the mesh are refused by
 * name: in plaintext past the mesh they would be what it is there to prevent.
 */
final class WebSockets implements WebSocket.Builder {
  private final WebSocket.Builder given;
  private final MeshServices services;

  WebSockets(WebSocket.Builder given, MeshServices services) {
    this.given = given;
    this.services = services;
  }

  @Override
  public WebSocket.Builder header(String name, String value) {
    given.header(name, value);
    return this;
  }

  @Override
  public WebSocket.Builder connectTimeout(Duration timeout) {
    given.connectTimeout(timeout);
    return this;
  }

  @Override
  public WebSocket.Builder subprotocols(String mostPreferred, String... lesserPreferred) {
    given.subprotocols(mostPreferred, lesserPreferred);
    return this;
  }

  @Override
  public CompletableFuture<WebSocket> buildAsync(URI uri, WebSocket.Listener listener) {
    if (!ofTheMesh(uri)) {
      return given.buildAsync(uri, listener);
    }
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException(
            "a WebSocket of java.net.http to "
                + uri.getRawAuthority()
                + " cannot go through the mesh; use OkHttp's newWebSocket with a wrapped"
                + " OkHttpClient, or exclude the destination (inmesh.exclude)"));
  }

  /** Asks for a call and lets it go: nothing happens before one is polled. */
  private boolean ofTheMesh(URI uri) {
    String scheme = "wss".equalsIgnoreCase(uri.getScheme()) ? "https" : "http";
    String authority = uri.getRawAuthority();
    if (authority == null) {
      return false; // the given client says what is wrong with it
    }
    Call call =
        services
            .calls()
            .outbound(
                new RequestHead("GET", scheme, authority, "/", new Headers(), Protocol.HTTP11),
                BodyTraits.DUPLEX,
                CallContext.NONE,
                Capabilities.BASIC,
                () -> {},
                services.drivers().nanos().getAsLong());
    return call != null;
  }
}
