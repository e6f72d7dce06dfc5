package io.inmesh.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code transport_socket_matches} with {@code transport_socket} as the last: the first whose every
 * label the endpoint has (an empty match takes all).
 */
public record TransportSockets(List<Match> matches, TransportSocket otherwise) {

  /** One of {@code transport_socket_matches}. */
  public record Match(String name, Map<String, String> labels, TransportSocket socket) {}

  public static TransportSockets only(TransportSocket socket) {
    return new TransportSockets(List.of(), socket);
  }

  /** Secrets that have to be fetched before any of them can be used. */
  Set<SecretRef> secrets() {
    Set<SecretRef> secrets = new LinkedHashSet<>();
    matches.forEach(match -> add(match.socket(), secrets));
    add(otherwise, secrets);
    return secrets;
  }

  private static void add(TransportSocket socket, Set<SecretRef> secrets) {
    if (socket instanceof TransportSocket.Tls tls) {
      SecretRef.add(tls.certificate(), secrets);
      SecretRef.add(tls.trust(), secrets);
    }
  }

  public TransportSocket of(Endpoint endpoint) {
    for (Match match : matches) {
      if (endpoint.socketMatch().entrySet().containsAll(match.labels().entrySet())) {
        return match.socket();
      }
    }
    return otherwise;
  }
}
