package io.inmesh.spring.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * The application's port, which the mesh has to know before the server opens it: configuration is
 * asked for it. Where {@code server.port} is 0 a free one is chosen here.
 *
 * @param number null: none is served
 * @param chosen here, so that the server has to be told
 */
record ServerPort(@Nullable Integer number, boolean chosen) {
  private static final int BOOTS_DEFAULT = 8080;

  static ServerPort of(Environment environment) {
    int port = environment.getProperty("server.port", Integer.class, BOOTS_DEFAULT);
    if (port < 0) {
      return new ServerPort(null, false);
    }
    return port == 0 ? new ServerPort(free(), true) : new ServerPort(port, false);
  }

  private static int free() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port", e);
    }
  }
}
