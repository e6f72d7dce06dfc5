package io.inmesh.identity;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a connection say: Envoy's {@code tls_inspector}.
 *
 * @param kind what the bytes are
 * @param sni the server name, lower case; null if none was sent
 * @param alpn the protocols offered, in order
 */
public record ClientHello(Kind kind, @Nullable String sni, List<String> alpn) {

  /** What the first bytes of a connection are. */
  public enum Kind {
    /** TLS as far as can be seen; more bytes are needed. */
    INCOMPLETE,
    /** Not TLS: the first byte is no handshake record. */
    PLAINTEXT,
    /** Starts like TLS and is not, or is longer than {@value ClientHello#MAX_BYTES} bytes. */
    MALFORMED,
    /** A whole ClientHello. */
    TLS
  }

  /** Longest ClientHello that is read, in bytes, as in Envoy. */
  public static final int MAX_BYTES = 64 * 1024;

  static final ClientHello INCOMPLETE = new ClientHello(Kind.INCOMPLETE, null, List.of());
  static final ClientHello PLAINTEXT = new ClientHello(Kind.PLAINTEXT, null, List.of());
  static final ClientHello MALFORMED = new ClientHello(Kind.MALFORMED, null, List.of());

  public ClientHello {
    alpn = List.copyOf(alpn);
  }

  /**
   * Looks at everything received so far, from position to limit; consumes nothing and never throws.
   */
  public static ClientHello peek(ByteBuffer received) {
    return ClientHelloReader.read(received);
  }

  public boolean isTls() {
    return kind == Kind.TLS;
  }

  /** Whether more bytes are needed. */
  public boolean isIncomplete() {
    return kind == Kind.INCOMPLETE;
  }
}
