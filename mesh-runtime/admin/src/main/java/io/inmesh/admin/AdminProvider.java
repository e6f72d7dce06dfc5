package io.inmesh.admin;

import io.inmesh.runtime.AdminServerProvider;
import io.inmesh.runtime.AdminView;

/** Found by the runtime. */
public final class AdminProvider implements AdminServerProvider {
  public AdminProvider() {}

  @Override
  public AutoCloseable start(String host, int port, AdminView view) {
    return AdminServer.start(host, port, view);
  }
}
