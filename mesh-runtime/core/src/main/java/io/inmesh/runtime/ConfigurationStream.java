package io.inmesh.runtime;

import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.Disconnection;
import io.inmesh.xds.ResourceFile;
import io.inmesh.xds.ResourceHandler;
import io.inmesh.xds.TypeUrl;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between the ADS client and the configuration store; everything on the configuration thread. */
final class ConfigurationStream implements ResourceHandler {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.config");

  private final ConfigStore store;
  private final Map<TypeUrl, Set<String>> subscribed = new LinkedHashMap<>();
  private final UnsupportedLog unsupported = new UnsupportedLog();
  private @Nullable AdsClient ads;
  private @Nullable ConfigArchive archive;
  private @Nullable LastKnownGood lastKnownGood;
  private @Nullable SecretSources secrets;
  private boolean connected;
  private boolean restored;
  private volatile @Nullable String lastFailure;
  private final Map<TypeUrl, Updates> updates = new ConcurrentHashMap<>();

  ConfigurationStream(ConfigStore store) {
    this.store = store;
  }

  /** Before {@link #start}: what is accepted is kept there. */
  void keepIn(LastKnownGood keeper) {
    this.lastKnownGood = keeper;
  }

  /** Before {@link #start}: the bytes of what is accepted are kept there. */
  void archiveIn(ConfigArchive kept) {
    this.archive = kept;
  }

  ConfigStore store() {
    return store;
  }

  void start(AdsClient client, SecretSources secretSources) {
    this.secrets = secretSources;
    this.ads = client;
    client.watchAll(TypeUrl.CLUSTER, Duration.ZERO);
    client.watchAll(TypeUrl.LISTENER, Duration.ZERO);
    client.start();
  }

  /** Puts in force what was kept; returns at once. */
  void restore(LastKnownGood from, ResourceFile kept) {
    AdsClient client = ads;
    if (client == null) {
      return;
    }
    from.restoring(true);
    client.restore(
        kept.resources(),
        () -> {
          from.restoring(false);
          restored = !connected;
          // what was on its way when the file was written never comes from it
          Set<String> names = new HashSet<>();
          kept.resources().forEach(resource -> names.add(resource.type() + resource.name()));
          giveUp(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, store.edsNames(), names);
          giveUp(TypeUrl.ROUTE_CONFIGURATION, store.routeNames(), names);
          // secrets are not on disk: connections that need one are refused until it comes
          List.copyOf(store.secrets()).forEach(store::secretSettled);
        });
  }

  private void giveUp(TypeUrl type, Set<String> wanted, Set<String> there) {
    for (String name : List.copyOf(wanted)) {
      if (!there.contains(type + name)) {
        store.giveUp(type.url(), name);
      }
    }
  }

  /** What has come of one type. Any thread. */
  Updates updates(TypeUrl type) {
    return updates.getOrDefault(type, Updates.NONE);
  }

  /**
   * @param rejected updates with at least one refused resource
   * @param lastNanos how long the last one took, from its arrival to its being in force
   */
  record Updates(long attempts, long accepted, long rejected, long lastNanos) {
    static final Updates NONE = new Updates(0, 0, 0, 0);

    static Updates one(boolean good, long nanos) {
      return new Updates(1, good ? 1 : 0, good ? 0 : 1, nanos);
    }

    Updates and(Updates next) {
      return new Updates(
          attempts + next.attempts,
          accepted + next.accepted,
          rejected + next.rejected,
          next.lastNanos);
    }
  }

  @Nullable String lastFailure() {
    return lastFailure;
  }

  @Override
  public Map<String, String> onUpdate(Update update) {
    if (update.type().equals(TypeUrl.SECRET)) {
      return secrets == null ? Map.of() : secrets.onUpdate(update);
    }
    List<ConfigResource> resources = new ArrayList<>();
    for (XdsResource resource : update.resources()) {
      resources.add(new ConfigResource(resource.name(), resource.body()));
    }
    long began = System.nanoTime();
    // what a full answer leaves out is in removed already
    Map<String, String> refused =
        store.apply(update.type().url(), resources, update.removed(), false);
    updates.merge(
        update.type(), Updates.one(refused.isEmpty(), System.nanoTime() - began), Updates::and);
    unsupported.report(update, refused.keySet());
    if (archive != null) {
      archive.accepted(update, refused.keySet());
    }
    if (lastKnownGood != null) {
      lastKnownGood.accepted(update, refused.keySet());
    }
    refused.forEach(
        (name, reason) ->
            LOG.atError()
                .addKeyValue("type", update.type())
                .addKeyValue("resource", name)
                .log("refused {} {}: {}; the last good one stays", update.type(), name, reason));
    return refused;
  }

  @Override
  public void onInitialFetchTimeout(TypeUrl type, String name) {
    store.giveUp(type.url(), name);
  }

  @Override
  public void onConnected() {
    lastFailure = null;
    connected = true;
    if (restored) {
      restored = false;
      LOG.info(
          "the control plane answers: what it says replaces the last known good configuration");
    }
  }

  @Override
  public void onDisconnected(Disconnection disconnection) {
    connected = false;
    lastFailure = "control plane: " + disconnection.code() + " " + disconnection.reason();
  }

  /** RDS, EDS and SDS follow what listeners and clusters name. */
  void resubscribe() {
    follow(TypeUrl.ROUTE_CONFIGURATION, store.routeNames());
    follow(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, store.edsNames());
    if (secrets != null) {
      secrets.follow(store.secrets());
    }
  }

  private void follow(TypeUrl type, Set<String> wanted) {
    AdsClient client = ads;
    if (client == null) {
      return;
    }
    Set<String> before = subscribed.getOrDefault(type, Set.of());
    Set<String> more = new HashSet<>(wanted);
    more.removeAll(before);
    Set<String> fewer = new HashSet<>(before);
    fewer.removeAll(wanted);
    if (!more.isEmpty()) {
      client.subscribe(type, more, Duration.ZERO);
    }
    if (!fewer.isEmpty()) {
      client.unsubscribe(type, fewer);
      if (archive != null) {
        archive.forget(type, fewer);
      }
      if (lastKnownGood != null) {
        lastKnownGood.forget(type, fewer);
      }
    }
    subscribed.put(type, Set.copyOf(wanted));
  }
}
