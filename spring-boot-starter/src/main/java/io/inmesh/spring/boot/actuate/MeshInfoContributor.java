package io.inmesh.spring.boot.actuate;

import io.inmesh.Mesh;
import io.inmesh.MeshStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** Who this workload is in the mesh, and what runs it. */
final class MeshInfoContributor implements InfoContributor {
  private final Mesh mesh;

  MeshInfoContributor(Mesh mesh) {
    this.mesh = mesh;
  }

  @Override
  public void contribute(Info.Builder builder) {
    MeshStatus status = mesh.status();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("enabled", status.enabled());
    put(details, "identity", status.identity());
    put(details, "version", Mesh.class.getPackage().getImplementationVersion());
    builder.withDetail("inmesh", details);
  }

  private static void put(Map<String, Object> details, String name, @Nullable Object value) {
    if (value != null) {
      details.put(name, value);
    }
  }
}
