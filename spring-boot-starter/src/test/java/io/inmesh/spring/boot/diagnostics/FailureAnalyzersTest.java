package io.inmesh.spring.boot.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.identity.TestPki;
import io.inmesh.spring.boot.apps.Storefront;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What somebody reads whose application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalyzersTest {
  @TempDir Path dir;

  private static void fail(String... properties) {
    try {
      new SpringApplicationBuilder(Storefront.class)
          .properties("server.port=-1", "spring.main.banner-mode=off")
          .properties(properties)
          .run()
          .close();
    } catch (RuntimeException e) {
      return;
    }
    throw new AssertionError("it has started");
  }

  @Test
  void onALaptopWithoutAControlPlane(CapturedOutput output) {
    fail();
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("the control plane's roots cannot be read: /var/run/secrets/istio/root-cert.pem")
        .contains("inmesh.local=true")
        .contains("inmesh.enabled=false");
  }

  @Test
  void aWrongValueIsNamedWithWhatWasExpected(CapturedOutput output) {
    fail("inmesh.control-plane.address=nowhere");
    assertThat(output)
        .contains("\"nowhere\", expected host:port")
        .contains("Set inmesh.control-plane.address in application.yaml");
  }

  @Test
  void aControlPlaneThatDoesNotAnswer(CapturedOutput output) throws Exception {
    Path roots = Files.writeString(dir.resolve("roots.pem"), TestPki.create().rootPem());
    fail(
        "inmesh.control-plane.address=127.0.0.1:1",
        "inmesh.control-plane.roots-file=" + roots,
        "inmesh.start-limit=500ms");
    assertThat(output)
        .contains("The application is not in the mesh")
        .contains("127.0.0.1:1 (inmesh.control-plane.address)")
        .contains("inmesh.on-start-limit=wait");
  }
}
