package io.inmesh.spring.boot.local;

import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.controlplane.local.LocalMesh;
import io.inmesh.spring.boot.ConditionalOnMesh;
import io.inmesh.spring.boot.InmeshProperties;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import io.inmesh.spring.boot.MeshConfigCustomizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The local mode. */
@AutoConfiguration(before = MeshAutoConfiguration.class)
@ConditionalOnMesh
@ConditionalOnProperty(name = "inmesh.local", havingValue = "true")
public final class MeshLocalAutoConfiguration {
  private static final Path USUAL_CONFIG = Path.of("mesh");

  /** A laptop may start a dozen of them at once. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  /** With the control plane on the class path. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(LocalMesh.class)
  static class Joined {
    @Bean
    LocalMesh localMesh(InmeshProperties properties) {
      InmeshProperties.LocalMesh settings = properties.localMesh();
      LocalMesh.Builder local = LocalMesh.builder().port(settings.port());
      if (settings.config() != null) {
        local.config(settings.config());
      } else {
        local.configIfPresent(USUAL_CONFIG);
      }
      if (settings.directory() != null) {
        local.directory(settings.directory());
      }
      Duration limit = properties.startLimit();
      local.limit(limit == null ? START_LIMIT : limit);
      try {
        return local.join();
      } catch (IOException e) {
        throw new MeshException("inmesh.local=true: " + e.getMessage(), e);
      }
    }

    @Bean
    MeshConfigCustomizer localMeshMember(LocalMesh local) {
      return config -> {
        LocalMember member = LocalMember.of(config.build());
        try {
          config
              .controlPlane("127.0.0.1:" + local.port())
              .controlPlaneRoots(local.rootCertificate())
              .tokenFile(local.tokenFile(member.namespace(), member.serviceAccount()))
              .identity(member.namespace(), member.serviceAccount())
              .ip("127.0.0.1")
              .set(Setting.ON_SIDECAR, "ignore")
              .setDefault(Setting.START_LIMIT, START_LIMIT.toMillis() + "ms");
          if (member.serves() && member.app() != null) {
            local.service(member.namespace(), member.app());
          }
        } catch (IOException | IllegalArgumentException e) {
          throw new MeshException("inmesh.local=true: " + e.getMessage(), e);
        }
      };
    }
  }

  /** Without it: it is no part of what runs in production, and has to be asked for. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingClass("io.inmesh.controlplane.local.LocalMesh")
  static class Missing {
    @Bean
    MeshConfigCustomizer localMeshMember() {
      return (MeshConfig.Builder config) -> {
        throw new MeshException(
            "inmesh.local=true needs the embedded control plane on the class path: add the"
                + " dependency io.inmesh:inmesh-control-plane, optional, as it is for development");
      };
    }
  }
}
