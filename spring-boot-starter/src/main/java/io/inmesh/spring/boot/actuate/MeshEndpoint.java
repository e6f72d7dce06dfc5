package io.inmesh.spring.boot.actuate;

import io.inmesh.Mesh;
import io.inmesh.runtime.MeshInspector;
import io.inmesh.spring.boot.client.MeshClients;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** {@code /actuator/inmesh}: the mesh as this application sees it. Never a key or a token. */
@Endpoint(id = "inmesh")
public final class MeshEndpoint {
  private final Mesh mesh;
  private final MeshClients clients;

  MeshEndpoint(Mesh mesh, MeshClients clients) {
    this.mesh = mesh;
    this.clients = clients;
  }

  /**
   * Everything.
   *
   * @param status as health shows it
   * @param clients client beans, with those that go around the mesh
   * @param certificates own chain and trusted roots
   * @param clusters where calls go
   */
  public record Everything(
      Map<String, Object> status,
      Collection<MeshClients.Client> clients,
      List<MeshInspector.CertificateView> certificates,
      List<MeshInspector.ClusterView> clusters) {}

  @ReadOperation
  public Everything everything() {
    MeshInspector inspector = MeshInspector.of(mesh);
    return new Everything(
        MeshHealthIndicator.details(mesh.status(), Instant.now()),
        clients.all(),
        inspector.certificates(),
        inspector.clusters());
  }

  /** One part: {@code status}, {@code clients}, {@code certificates} or {@code clusters}. */
  @ReadOperation
  public @Nullable Object part(@Selector String part) {
    Everything all = everything();
    return switch (part) {
      case "status" -> all.status();
      case "clients" -> all.clients();
      case "certificates" -> all.certificates();
      case "clusters" -> all.clusters();
      default -> null;
    };
  }
}
