package io.inmesh.benchmarks.performance;

/** What stands between the caller's code and the server's. */
enum Way {
  /** Nothing: OkHttp to Tomcat. */
  RAW("raw", false, false),
  /** Inmesh in both. */
  INMESH("Inmesh, both sides", true, true),
  /** Inmesh in the caller, a server that knows no mesh. */
  INMESH_CLIENT("Inmesh, client only", true, false),
  /** A caller that knows no mesh, Inmesh in the server. */
  INMESH_SERVER("Inmesh, server only", false, true),
  /** Nothing in either, a real Envoy beside each. */
  ENVOYS("two Envoys", false, false);

  final String title;
  final boolean meshedClient;
  final boolean meshedServer;

  Way(String title, boolean meshedClient, boolean meshedServer) {
    this.title = title;
    this.meshedClient = meshedClient;
    this.meshedServer = meshedServer;
  }

  /** The service's name: each way has a server of its own. */
  String service() {
    return switch (this) {
      case RAW, INMESH_CLIENT -> "raw";
      case INMESH, INMESH_SERVER -> "inmesh";
      case ENVOYS -> "sidecar";
    };
  }
}
