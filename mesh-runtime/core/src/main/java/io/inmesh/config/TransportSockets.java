package io.inmesh.config;

import java.util.List;
import java.util.Map;

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

  public TransportSocket of(Endpoint endpoint) {
    for (Match match : matches) {
      if (endpoint.socketMatch().entrySet().containsAll(match.labels().entrySet())) {
        return match.socket();
      }
    }
    return otherwise;
  }
}
