package io.inmesh.call;

import java.util.HashMap;
import java.util.Map;

/**
 * Authorities taken apart, each once: an application calls the same few again and again. Holds a
 * thousand; what comes after those is taken apart each time. Thread-safe without a lock: of two
 * threads that meet something new at once, one may have to do it again.
 */
final class Destinations {
  private static final int MOST = 1024;
  private static final int LONGEST = 256;

  /** Copied for each that is added. */
  private volatile Map<String, Destination> known = Map.of();

  /**
   * @param port -1 for what is not a port; {@link #NO_PORT} when the authority has none
   */
  record Destination(String host, int port) {
    static final int NO_PORT = -2;

    int port(boolean https) {
      return port != NO_PORT ? port : https ? 443 : 80;
    }
  }

  Destination of(String authority) {
    Map<String, Destination> all = known;
    Destination found = all.get(authority);
    if (found == null) {
      found = parse(authority);
      if (authority.length() <= LONGEST && all.size() < MOST) {
        Map<String, Destination> more = new HashMap<>(all);
        more.put(authority, found);
        known = more;
      }
    }
    return found;
  }

  private static Destination parse(String authority) {
    int portAt = Authorities.portStart(authority);
    return portAt < 0
        ? new Destination(authority, Destination.NO_PORT)
        : new Destination(authority.substring(0, portAt - 1), Authorities.port(authority, portAt));
  }
}
