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
    return start(Settings.resolve(config), new SidecarDetector());
  }

  static Mesh start(Settings settings, SidecarDetector sidecar) {
    return RunningMeshes.add(started(settings, sidecar));
  }

  private static Mesh started(Settings settings, SidecarDetector sidecar) {
    if (!settings.flag(Setting.ENABLED)) {
      LoggerFactory.getLogger("io.inmesh").info("Inmesh is off (inmesh.enabled=false)");
      return new DisabledMesh(null);
    }
    String then = settings.require(Setting.ON_SIDECAR);
    if (!then.equals("stand-down") && !then.equals("ignore")) {
      throw settings.wrong(Setting.ON_SIDECAR, then, "stand-down or ignore");
    }
    String seen = then.equals("ignore") ? null : sidecar.look();
    if (seen != null) {
      String why = "there is a sidecar in this pod already (" + seen + ")";
      LoggerFactory.getLogger("io.inmesh")
          .atWarn()
          .log(
              "Inmesh stands down: {}, which captures what this process sends and receives; take"
                  + " one of the two away, or set inmesh.on-sidecar=ignore",
              why);
      return new DisabledMesh(why);
    }
    return MeshRuntime.start(settings);
  }
}
