package io.inmesh.call;

/** Destinations that the mesh leaves alone; may change at run time, read without a lock. */
@FunctionalInterface
public interface Exclusions {
  /** Nothing but what is literally loopback. */
  Exclusions LOOPBACK = (host, port) -> isLoopback(host);

  boolean excludes(String host, int port);

  /** {@code localhost}, 127.0.0.0/8 or ::1, as written by the application. */
  static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("[::1]")
        || host.equals("::1")
        || (host.startsWith("127.") && isIpv4(host));
  }

  private static boolean isIpv4(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c != '.' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }
}
