package io.inmesh.spring.boot.client;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The application's HTTP client beans, and which of them the mesh has captured. Thread-safe. */
public final class MeshClients {
  /**
   * A bean.
   *
   * @param why it is not captured; empty where it is
   */
  public record Client(String bean, String type, boolean captured, String why) {}

  static final String OFF = "the mesh is off";
  static final String FILTERED =
      "an HTTP client with an InetAddressFilter is not in the mesh, which chooses addresses itself:"
          + " it goes out as if there were none";

  private final Map<String, Client> clients = new ConcurrentSkipListMap<>();

  void captured(String bean, Class<?> type) {
    clients.put(bean, new Client(bean, type.getName(), true, ""));
  }

  void bypassing(String bean, Class<?> type, String why) {
    clients.put(bean, new Client(bean, type.getName(), false, why));
  }

  /** By name. */
  public Collection<Client> all() {
    return clients.values();
  }
}
