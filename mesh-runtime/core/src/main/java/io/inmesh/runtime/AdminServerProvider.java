package io.inmesh.runtime;

/** How the runtime finds the admin server, which is a module of its own. */
public interface AdminServerProvider {
  /**
   * @param port 0: any
   * @return ends the server
   * @throws io.inmesh.MeshException the address cannot be had
   */
  AutoCloseable start(String host, int port, AdminView view);
}
