package io.inmesh.identity;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS on the server side, under one generation of key and roots. Thread-safe.
 *
 * <p>Each engine is released exactly once, also after a failed handshake or half a ClientHello: it
 * may hold native memory.
 */
public interface InboundTls {
  /**
   * The room that an engine needs for what it has decrypted, in bytes. Its session says 16384, but
   * its unwrap wants 17 more, and servers that trust the session corrupt requests.
   */
  int APPLICATION_BUFFER_SIZE = 18 * 1024;

  /** An engine in server mode for one connection. Works after {@link #retire()} as well. */
  SSLEngine newEngine();

  /** Ends an engine; exactly once. */
  void release(SSLEngine engine);

  /** No new connections are expected: native memory goes with the last engine. Idempotent. */
  void retire();

  /** The name that is shown. */
  SpiffeId spiffeId();

  /** Of the certificate that is shown. */
  long keyGeneration();

  /** Of the roots that clients are verified with. */
  long trustGeneration();

  /** What does the work, for diagnostics: {@code BoringSSL} or {@code JSSE}. */
  String implementation();

  /** Who is at the other end of a finished handshake; null if no certificate was shown. */
  @Nullable PeerIdentity peer(SSLSession session);
}
