package io.inmesh.spring.boot.server;

/** Said of a port that is not in the mesh. */
final class OwnTls {
  static final String MESSAGE =
      "this application's port has TLS of its own (server.ssl) and is not in the mesh: without"
          + " server.ssl the mesh brings TLS and policy";

  private OwnTls() {}
}
