package io.inmesh.runtime;

import io.inmesh.config.ConfigStore;
import io.inmesh.config.SecretRef;
import io.inmesh.config.SecretRef.Source;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.upstream.Clusters;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.ResourceHandler;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsProtocol;
import io.inmesh.xds.XdsResource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for the secrets that the configuration in force, or on its way there, needs: the control
 * plane, files, or servers of secrets, each by a stream of its own. What does not come in time is
 * waited for no more; connections that need it are refused until it comes. Configuration thread
 * only.
 */
final class SecretSources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.identity");

  private final Secrets secrets;
  private final SecretFiles files;
  private final ConfigStore store;
  private final AdsClient ads;
  private final Clusters clusters;
  private final Node node;
  private final Duration limit;
  private final Map<Source, AdsClient> servers = new LinkedHashMap<>();
  private final Map<Source, Set<String>> asked = new HashMap<>();
  private Set<SecretRef> followed = Set.of();

  /**
   * @param limit how long what needs a secret warms without it: Envoy's {@code
   *     initial_fetch_timeout}
   */
  SecretSources(
      Secrets secrets,
      SecretFiles files,
      ConfigStore store,
      AdsClient ads,
      Clusters clusters,
      Node node,
      Duration limit) {
    this.limit = limit;
    this.secrets = secrets;
    this.files = files;
    this.store = store;
    this.ads = ads;
    this.clusters = clusters;
    this.node = node;
  }

  void follow(Set<SecretRef> wanted) {
    Set<SecretRef> before = followed;
    if (wanted.equals(before)) {
      return;
    }
    followed = Set.copyOf(wanted);
    Map<Source, Set<String>> bySource = new HashMap<>();
    asked.keySet().forEach(source -> bySource.put(source, new HashSet<>()));
    Set<SecretRef> own = new HashSet<>();
    for (SecretRef secret : wanted) {
      if (secret.source() instanceof Source.Own) {
        own.add(secret);
      } else {
        bySource.computeIfAbsent(secret.source(), s -> new HashSet<>()).add(secret.name());
      }
    }
    before.stream().filter(name -> !wanted.contains(name)).forEach(secrets::forget);
    files.follow(own);
    bySource.forEach(this::ask);
    for (SecretRef secret : wanted) {
      if (!before.contains(secret)) {
        ads.configurationThread()
            .schedule(() -> late(secret), limit.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void late(SecretRef secret) {
    if (followed.contains(secret) && !secrets.has(secret)) {
      LOG.atWarn()
          .addKeyValue("secret", secret)
          .log(
              "no secret '{}' within {}: connections that need it are refused until it comes",
              secret,
              limit);
      store.secretSettled(secret);
    }
  }

  /** The files of a secret were looked at. Any thread. */
  void looked(SecretRef secret) {
    ads.configurationThread().execute(() -> store.secretSettled(secret));
  }

  private void ask(Source source, Set<String> names) {
    Set<String> before = asked.getOrDefault(source, Set.of());
    AdsClient client = source instanceof Source.Ads ? ads : server(source, names);
    if (client != null) {
      Set<String> more = new HashSet<>(names);
      more.removeAll(before);
      Set<String> fewer = new HashSet<>(before);
      fewer.removeAll(names);
      if (!more.isEmpty()) {
        client.subscribe(TypeUrl.SECRET, more, Duration.ZERO);
      }
      if (!fewer.isEmpty()) {
        client.unsubscribe(TypeUrl.SECRET, fewer);
      }
    }
    asked.put(source, Set.copyOf(names));
  }

  /** Null: nobody needs it any more. */
  private @Nullable AdsClient server(Source source, Set<String> names) {
    if (names.isEmpty()) {
      AdsClient idle = servers.remove(source);
      if (idle != null) {
        idle.close();
      }
      return null;
    }
    return servers.computeIfAbsent(source, s -> open((Source.GrpcCluster) s));
  }

  private AdsClient open(Source.GrpcCluster server) {
    AdsClient client =
        AdsClient.builder(new SecretCluster(clusters, server.cluster()), new Answers(server))
            .node(node)
            .protocol(server.delta() ? XdsProtocol.SECRETS_DELTA : XdsProtocol.SECRETS)
            .scheduler(ads.configurationThread())
            .build();
    client.start();
    return client;
  }

  /** From the control plane's own stream. */
  Map<String, String> onUpdate(Update update) {
    for (Source source : asked.keySet()) {
      if (source instanceof Source.Ads) {
        return new Answers(source).onUpdate(update);
      }
    }
    return Map.of();
  }

  @Override
  public void close() {
    servers.values().forEach(AdsClient::close);
    servers.clear();
    files.close();
  }

  /** What one source says. */
  private final class Answers implements ResourceHandler {
    private final Source source;

    Answers(Source source) {
      this.source = source;
    }

    @Override
    public Map<String, String> onUpdate(Update update) {
      Map<String, String> refused = new LinkedHashMap<>();
      for (XdsResource resource : update.resources()) {
        SecretRef secret = new SecretRef(resource.name(), source);
        if (!followed.contains(secret)) {
          continue;
        }
        String why = secrets.accept(secret, resource);
        if (why != null) {
          refused.put(resource.name(), why);
          LOG.atError()
              .addKeyValue("secret", secret)
              .log("refused secret {}: {}; what was in use stays", secret, why);
        } else {
          store.secretSettled(secret);
        }
      }
      for (String name : update.removed()) {
        LOG.atWarn()
            .addKeyValue("secret", name)
            .log(
                secrets.has(new SecretRef(name, source))
                    ? "secret {} was taken back; what is in use stays, as in Envoy"
                    : "secret {} does not exist: connections that need it are refused",
                name);
      }
      return refused;
    }

    @Override
    public void onInitialFetchTimeout(TypeUrl type, String name) {}
  }
}
