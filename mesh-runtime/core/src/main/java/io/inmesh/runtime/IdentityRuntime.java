package io.inmesh.runtime;

import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.identity.FileIdentitySource;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IstioCaConfig;
import io.inmesh.identity.IstioCaSource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Starts the source of identity that the settings name. */
final class IdentityRuntime {
  /** Between two looks at files with keys. */
  static final Duration FILE_INTERVAL = Duration.ofSeconds(2);

  private IdentityRuntime() {}

  /**
   * Null for {@code none}: this workload has no identity and can speak plaintext only where policy
   * allows it.
   */
  static @Nullable AutoCloseable start(
      Settings settings, IdentityStore store, ScheduledExecutorService scheduler) {
    String source = settings.require(Setting.IDENTITY);
    return switch (source) {
      case "istio-ca" -> istioCa(settings, store, scheduler);
      case "files" -> files(settings, store, scheduler);
      case "none" -> null;
      default -> throw settings.wrong(Setting.IDENTITY, source, "istio-ca, files or none");
    };
  }

  private static AutoCloseable istioCa(
      Settings settings, IdentityStore store, ScheduledExecutorService scheduler) {
    String address =
        settings.text(Setting.CA) != null
            ? settings.hostPort(Setting.CA).toString()
            : settings.hostPort(Setting.CONTROL_PLANE).toString();
    String token = settings.text(Setting.TOKEN_FILE);
    IstioCaConfig config =
        IstioCaConfig.of(
                address,
                Path.of(settings.require(Setting.CONTROL_PLANE_ROOTS)),
                token == null ? null : Path.of(token))
            .withClusterId(settings.require(Setting.CLUSTER_ID))
            .withLifetime(settings.duration(Setting.IDENTITY_LIFETIME));
    String serverName = settings.text(Setting.CONTROL_PLANE_SERVER_NAME);
    if (serverName != null) {
      config = config.withServerName(serverName);
    }
    String trustDomain = settings.text(Setting.TRUST_DOMAIN);
    if (trustDomain != null) {
      config = config.withTrustDomain(trustDomain);
    }
    IstioCaSource source =
        new IstioCaSource(
            config, store, scheduler, Clock.systemUTC(), RandomGenerator.getDefault());
    source.start();
    return source;
  }

  private static AutoCloseable files(
      Settings settings, IdentityStore store, ScheduledExecutorService scheduler) {
    FileIdentitySource source =
        new FileIdentitySource(
            file(settings, Setting.IDENTITY_CHAIN_FILE),
            file(settings, Setting.IDENTITY_KEY_FILE),
            file(settings, Setting.IDENTITY_ROOTS_FILE),
            settings.text(Setting.TRUST_DOMAIN),
            FILE_INTERVAL,
            store,
            scheduler,
            Clock.systemUTC());
    source.start();
    return source;
  }

  private static Path file(Settings settings, Setting setting) {
    try {
      return Path.of(settings.require(setting));
    } catch (java.nio.file.InvalidPathException e) {
      throw new MeshException("setting " + setting.key() + " is not a path: " + e.getMessage(), e);
    }
  }
}
