package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.MeshRuntimeProvider;
import io.inmesh.Setting;
import org.slf4j.LoggerFactory;

/** What {@link Mesh#start} finds. */
public final class RuntimeProvider implements MeshRuntimeProvider {
  @Override
  public Mesh start(MeshConfig config) {
    Settings settings = Settings.resolve(config);
    if (!settings.flag(Setting.ENABLED)) {
      LoggerFactory.getLogger("io.inmesh").info("Inmesh is off (inmesh.enabled=false)");
      return new DisabledMesh();
    }
    return MeshRuntime.start(settings);
  }
}
