package io.inmesh.benchmarks.path;

/** One way from a caller to a server. */
enum Arm {
  /** OkHttp to Tomcat, plaintext. */
  RAW(false, false),
  /** The same two in a mesh that has mTLS disabled. */
  MESHED(true, false),
  /** OkHttp to Tomcat by https, JSSE on both sides. */
  RAW_TLS(false, true),
  /** The same two in a mesh with STRICT mTLS; the application says http. */
  MESHED_MTLS(true, true);

  static final String PATH = "/echo/items/42";
  static final int SERVICE_PORT = 8080;

  private final boolean meshed;
  private final boolean tls;

  Arm(boolean meshed, boolean tls) {
    this.meshed = meshed;
    this.tls = tls;
  }

  boolean meshed() {
    return meshed;
  }

  boolean tls() {
    return tls;
  }

  /** The namespace, whose PeerAuthentication makes the difference. */
  String namespace() {
    return tls ? "mtls" : "plain";
  }

  /** What the caller asks for. */
  String url(int port) {
    if (meshed) {
      return "http://echo." + namespace() + ".svc.cluster.local:" + SERVICE_PORT + PATH;
    }
    return (tls ? "https://localhost:" : "http://127.0.0.1:") + port + PATH;
  }
}
