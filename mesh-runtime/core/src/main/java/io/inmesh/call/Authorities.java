package io.inmesh.call;

/** Reading {@code host:port}. */
final class Authorities {
  private Authorities() {}

  /** Index of the first digit of the port, or -1 when there is none. */
  static int portStart(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean none =
        colon < 0 || authority.indexOf(']', colon) >= 0 || colon + 1 == authority.length();
    return none ? -1 : colon + 1;
  }

  /** -1 for what is not a port. */
  static int port(String authority, int from) {
    int port = 0;
    for (int i = from; i < authority.length(); i++) {
      int digit = authority.charAt(i) - '0';
      if (digit < 0 || digit > 9 || port > 65535) {
        return -1;
      }
      port = port * 10 + digit;
    }
    return port;
  }
}
