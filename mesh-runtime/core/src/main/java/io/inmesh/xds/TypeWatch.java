package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Everything about one type: what is wanted, what is held, what is late. Configuration thread only.
 */
final class TypeWatch {
  private static final Logger logger = LoggerFactory.getLogger("io.inmesh.xds");

  private final TypeUrl type;
  private final ResourceHandler handler;
  private final Runnable stateChanged;
  private final TypeSubscription wanted;
  private final HeldResources held = new HeldResources();
  private final Set<String> absent = new HashSet<>();
  private final Timers initialFetches;
  private final Timers timesToLive;
  private boolean answered;
  private boolean everAnswered;
  private String systemVersion = "";

  /**
   * @param stateChanged told when {@link #state} has changed by itself
   */
  TypeWatch(
      TypeUrl type,
      ResourceHandler handler,
      ScheduledExecutorService scheduler,
      Runnable stateChanged) {
    this.type = type;
    this.stateChanged = stateChanged;
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

  /** Another control plane speaks from now on: versions of the last one mean nothing to it. */
  void anotherServer() {
    held.forgetVersions();
  }

  /**
   * Something is wanted that the control plane has never spoken of; "it does not exist" is an
   * answer, and so is what was refused.
   */
  boolean lacking() {
    return (wanted.wildcard() && !everAnswered)
        || wanted.names().stream()
            .anyMatch(
                name ->
                    held.get(name) == null
                        && !held.refused().containsKey(name)
                        && !absent.contains(name));
  }

  DeltaDiscoveryRequest.@Nullable Builder nextRequest() {
    return wanted.nextRequest(held::versions);
  }

  /**
   * Applies a response and says what to answer.
   *
   * @param wholeType the response is complete by its protocol
   */
  DeltaDiscoveryRequest.Builder apply(DeltaDiscoveryResponse response, boolean wholeType) {
    Intake intake = new Intake(response, type, wanted, held, !answered || wholeType);
    answered = true;
    everAnswered = true;
    systemVersion = response.getSystemVersionInfo();
    initialFetches.cancel(TypeSubscription.WILDCARD);
    Map<String, String> refused = new LinkedHashMap<>(intake.refused());
    if (!intake.update().saysNothing()) {
      refused.putAll(ask(intake.update()));
    }
    DeltaDiscoveryRequest.Builder answer = Answer.to(response, refused);
    log(intake.update(), answer, !held.refused().entrySet().containsAll(refused.entrySet()));
    commit(intake, refused);
    return answer;
  }

  /** Takes what is wanted and not held, without versions: the control plane sends all anew. */
  void restore(List<XdsResource> resources) {
    if (answered && wanted.wildcard()) {
      return;
    }
    List<XdsResource> fresh =
        resources.stream()
            .filter(resource -> wanted.wants(resource.name()) && held.get(resource.name()) == null)
            .toList();
    if (fresh.isEmpty()) {
      return;
    }
    Map<String, String> refused =
        ask(new Update(type, fresh, Set.of(), Set.of(), Map.of(), "", false));
    for (XdsResource resource : fresh) {
      if (!refused.containsKey(resource.name()) && wanted.wants(resource.name())) {
        held.accept(
            resource.name(), new HeldResources.Held("", HeldResources.digest(resource.body())));
      }
    }
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
    absent.addAll(intake.update().removed());
    absent.retainAll(wanted.names());
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
    stateChanged.run();
  }

  private void log(Update update, DeltaDiscoveryRequest.Builder answer, boolean newRefusal) {
    logger
        .atDebug()
        .addKeyValue("type", type)
        .addKeyValue("version", systemVersion)
        .addKeyValue("changed", update.resources().size())
        .addKeyValue("unchanged", update.unchanged().size())
        .addKeyValue("removed", update.removed().size())
        .log("Configuration received");
    if (answer.hasErrorDetail()) {
      // full lists come with every push: the same refusal is said once
      logger
          .atLevel(newRefusal ? Level.WARN : Level.DEBUG)
          .addKeyValue("type", type)
          .addKeyValue("version", systemVersion)
          .log(
              "Configuration refused, what was in use before stays in use: {}",
              answer.getErrorDetail().getMessage());
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
