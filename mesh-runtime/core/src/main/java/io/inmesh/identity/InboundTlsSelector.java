package io.inmesh.identity;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a new inbound connection, decided by its port and first bytes: Envoy's choice of
 * a filter chain. Called on I/O threads: must not block.
 */
@FunctionalInterface
public interface InboundTlsSelector {

  /**
   * @param localPort the port that the connection came to
   * @param hello complete: never of kind {@link ClientHello.Kind#INCOMPLETE}
   */
  Decision select(int localPort, ClientHello hello);

  /** What to do with a connection. */
  enum Action {
    /** Hand the bytes to the server as they are. */
    PLAINTEXT,
    /** Speak TLS with {@link Decision#tls()}. */
    TERMINATE,
    /** Close without an answer. */
    CLOSE
  }

  /**
   * The decision about a connection.
   *
   * @param tls present if and only if the action is TERMINATE
   * @param reason for the log: which configuration wanted it
   */
  record Decision(Action action, @Nullable InboundTls tls, String reason) {
    public Decision {
      if ((action == Action.TERMINATE) != (tls != null)) {
        throw new IllegalArgumentException("TERMINATE needs an InboundTls, the others have none");
      }
    }

    public static Decision terminate(InboundTls tls, String reason) {
      return new Decision(Action.TERMINATE, tls, reason);
    }

    public static Decision close(String reason) {
      return new Decision(Action.CLOSE, null, reason);
    }

    public static Decision plaintext(String reason) {
      return new Decision(Action.PLAINTEXT, null, reason);
    }
  }
}
