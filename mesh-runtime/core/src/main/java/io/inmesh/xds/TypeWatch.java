package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything about one type: what is wanted, what is held, what is late. Configuration thread only.
 */
final class TypeWatch {
  private static final Logger logger = LoggerFactory.getLogger("io.inmesh.xds");

  private final TypeUrl type;
  private final ResourceHandler handler;
  private final TypeSubscription wanted;
  private final HeldResources held = new HeldResources();
  private final Timers initialFetches;
  private final Timers timesToLive;
  private boolean answered;
  private String systemVersion = "";

  TypeWatch(TypeUrl type, ResourceHandler handler, ScheduledExecutorService scheduler) {
    this.type = type;
    this.handler = handler;
    this.wanted = new TypeSubscription(type);
    this.initialFetches = new Timers(scheduler, this::late);
    this.timesToLive = new Timers(scheduler, this::expired);
  }

  void watchAll(Duration initialFetchTimeout) {
    if (wanted.watchAll()) {
      expectWithin(initialFetchTimeout, TypeSubscription.WILDCARD);
    }
  }

  void subscribe(String name, Duration initialFetchTimeout) {
    if (wanted.subscribe(name) && held.get(name) == null) {
      expectWithin(initialFetchTimeout, name);
    }
  }

  void unsubscribe(String name) {
    if (wanted.unsubscribe(name)) {
      initialFetches.cancel(name);
      if (!wanted.wildcard()) {
        timesToLive.cancel(name);
        held.drop(name);
      }
    }
  }

  void streamOpened() {
    wanted.streamOpened();
    answered = false;
  }

  DeltaDiscoveryRequest.@Nullable Builder nextRequest() {
    return wanted.nextRequest(held.versions());
  }

  /** Applies a response and says what to answer. */
  DeltaDiscoveryRequest.Builder apply(DeltaDiscoveryResponse response) {
    Intake intake = new Intake(response, type, wanted, held, !answered);
    answered = true;
    systemVersion = response.getSystemVersionInfo();
    initialFetches.cancel(TypeSubscription.WILDCARD);
    Map<String, String> refused = new LinkedHashMap<>(intake.refused());
    if (!intake.update().saysNothing()) {
      refused.putAll(ask(intake.update()));
    }
    commit(intake, refused);
    log(response, intake.update(), refused);
    return Answer.to(response, refused);
  }

  void close() {
    initialFetches.cancelAll();
    timesToLive.cancelAll();
  }

  AdsState.TypeState state() {
    return new AdsState.TypeState(
        wanted.wildcard(),
        wanted.size(),
        held.size(),
        answered,
        systemVersion,
        Map.copyOf(held.refused()));
  }

  private Map<String, String> ask(Update update) {
    try {
      return handler.onUpdate(update);
    } catch (RuntimeException e) {
      logger
          .atError()
          .addKeyValue("type", type)
          .setCause(e)
          .log("Reading configuration failed inside Inmesh; the whole response is refused");
      Map<String, String> all = new LinkedHashMap<>();
      update.resources().forEach(resource -> all.put(resource.name(), "internal error: " + e));
      return all;
    }
  }

  private void commit(Intake intake, Map<String, String> refused) {
    intake
        .arrived()
        .forEach(
            (name, resource) -> {
              // the handler may have given it up while it was told of it
              if (!refused.containsKey(name) && wanted.wants(name)) {
                held.accept(name, resource);
                // sent without one: it lives on
                timesToLive.cancel(name);
              }
              initialFetches.cancel(name);
            });
    intake.update().removed().forEach(this::forget);
    intake.update().errors().keySet().forEach(initialFetches::cancel);
    refused.forEach(
        (name, reason) -> {
          if (wanted.wants(name)) {
            held.refuse(name, reason);
          }
          initialFetches.cancel(name);
        });
    intake
        .timesToLive()
        .forEach(
            (name, duration) -> {
              if (!refused.containsKey(name) && wanted.wants(name)) {
                timesToLive.start(name, duration);
              }
            });
  }

  private void forget(String name) {
    held.drop(name);
    initialFetches.cancel(name);
    timesToLive.cancel(name);
  }

  private void expectWithin(Duration timeout, String name) {
    if (!timeout.isZero()) {
      initialFetches.start(name, timeout);
    }
  }

  private void late(String name) {
    logger
        .atWarn()
        .addKeyValue("type", type)
        .addKeyValue("resource", name)
        .log("The control plane has not sent a resource in time; it may still come");
    try {
      handler.onInitialFetchTimeout(type, name);
    } catch (RuntimeException e) {
      logger.atError().setCause(e).log("The handler of an initial fetch time-out failed");
    }
  }

  private void expired(String name) {
    logger
        .atWarn()
        .addKeyValue("type", type)
        .addKeyValue("resource", name)
        .log("The time to live of a resource is over and nothing renewed it: it is removed");
    forget(name);
    ask(new Update(type, List.of(), Set.of(), Set.of(name), Map.of(), systemVersion, false));
  }

  private void log(DeltaDiscoveryResponse response, Update update, Map<String, String> refused) {
    logger
        .atDebug()
        .addKeyValue("type", type)
        .addKeyValue("version", systemVersion)
        .addKeyValue("changed", update.resources().size())
        .addKeyValue("unchanged", update.unchanged().size())
        .addKeyValue("removed", update.removed().size())
        .addKeyValue("refused", refused.size())
        .log("Configuration received");
    if (!refused.isEmpty()) {
      logger
          .atWarn()
          .addKeyValue("type", type)
          .addKeyValue("version", systemVersion)
          .addKeyValue("refused", refused)
          .log(
              "{} of {} resources refused; what was in use before stays in use",
              refused.size(),
              response.getResourcesCount());
    }
    if (!update.errors().isEmpty()) {
      logger
          .atWarn()
          .addKeyValue("type", type)
          .addKeyValue("errors", update.errors())
          .log("The control plane could not serve resources; what was in use before stays in use");
    }
  }
}
