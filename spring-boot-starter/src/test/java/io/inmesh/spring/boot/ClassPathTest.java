package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.RuntimeVersion;
import io.grpc.internal.GrpcUtil;
import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.runtime.TestMesh;
import io.inmesh.spring.boot.actuate.MeshActuatorAutoConfiguration;
import io.inmesh.spring.boot.client.MeshClientAutoConfiguration;
import io.inmesh.spring.boot.local.MeshLocalAutoConfiguration;
import io.inmesh.spring.boot.server.MeshTomcatAutoConfiguration;
import io.inmesh.spring.boot.telemetry.MeshTelemetryAutoConfiguration;
import io.opentelemetry.api.OpenTelemetry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What applications have on their class path, and have not. */
class ClassPathTest {
  /** The other tests of this module run with them. */
  @Test
  void theVersionsAreThoseOfSpringBoot() {
    assertThat(RuntimeVersion.MAJOR + "." + RuntimeVersion.MINOR).isEqualTo("4.34");
    assertThat(GrpcUtil.getGrpcBuildVersion().getImplementationVersion()).isEqualTo("1.80.0");
    assertThat(io.netty.util.Version.identify().get("netty-common").artifactVersion())
        .startsWith("4.2.");
  }

  private static ApplicationContextRunner without(String... packages) {
    TestMesh services = new TestMesh();
    return new ApplicationContextRunner()
        .withClassLoader(new FilteredClassLoader(packages))
        .withConfiguration(
            AutoConfigurations.of(
                MeshAutoConfiguration.class,
                MeshClientAutoConfiguration.class,
                MeshTomcatAutoConfiguration.class,
                MeshActuatorAutoConfiguration.class,
                MeshLocalAutoConfiguration.class))
        .withBean(Mesh.class, () -> new ServicesMesh(services));
  }

  @Test
  void anApplicationWithoutWebReactorAndActuatorStarts() {
    without(
            "org.springframework.web",
            "org.springframework.http",
            "org.springframework.boot.web",
            "org.springframework.boot.http",
            "org.springframework.boot.tomcat",
            "org.springframework.boot.actuate",
            "org.springframework.boot.health",
            "org.apache.catalina",
            "reactor",
            "io.netty",
            "io.inmesh.controlplane")
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Mesh.class));
  }

  @Test
  void anApplicationWithoutReactorStarts() {
    without("reactor", "io.netty")
        .run(context -> assertThat(context).hasNotFailed().hasBean("meshRequestFactories"));
  }

  @Test
  void theMeshIsGivenTheApplicationsOpenTelemetry() {
    OpenTelemetry applications = OpenTelemetry.noop();
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(MeshTelemetryAutoConfiguration.class))
        .withBean(OpenTelemetry.class, () -> applications)
        .run(
            context -> {
              MeshConfig.Builder config = MeshConfig.builder();
              context.getBean(MeshConfigCustomizer.class).customize(config);
              assertThat(config.build().object(OpenTelemetry.class)).isSameAs(applications);
            });
  }

  @Test
  void localModeWithoutTheControlPlaneSaysWhatToAdd() {
    new ApplicationContextRunner()
        .withClassLoader(new FilteredClassLoader("io.inmesh.controlplane"))
        .withConfiguration(
            AutoConfigurations.of(MeshAutoConfiguration.class, MeshLocalAutoConfiguration.class))
        .withPropertyValues("inmesh.local=true")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("io.inmesh:inmesh-control-plane"));
  }
}
