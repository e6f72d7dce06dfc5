package io.inmesh.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One client's stream of a {@link ReplayServer}; guarded by the server's lock. */
final class ReplayStream {
  private static final String NAME_TABLE = "type.googleapis.com/istio.networking.nds.v1.NameTable";

  private final ReplayServer server;
  private final int number;
  private final StreamObserver<DeltaDiscoveryResponse> out;
  private final List<Recordings.Entry> index;
  private final List<DeltaDiscoveryResponse> recorded;

  /** Up to this step the client gets a state, from then on the recorded responses. */
  private final int stateUpTo;

  private final BitSet played = new BitSet();
  private final Set<String> wildcards = new HashSet<>();

  /**
   * By type: every name that was ever subscribed to. A type is here as soon as it was asked for.
   */
  private final Map<String, Set<String>> asked = new HashMap<>();

  private final Set<String> unanswered = new HashSet<>();
  private int ownNonces;
  private boolean open = true;

  ReplayStream(ReplayServer server, int number, StreamObserver<DeltaDiscoveryResponse> out) {
    this.server = server;
    this.number = number;
    this.out = out;
    this.index = server.index();
    this.recorded = server.responses();
    this.stateUpTo = server.step() == 1 ? 0 : server.step();
  }

  void take(DeltaDiscoveryRequest request) {
    String type = request.getTypeUrl();
    unanswered.remove(request.getResponseNonce());
    Set<String> subscribed = new LinkedHashSet<>(request.getResourceNamesSubscribeList());
    boolean wildcardAsked = subscribed.remove("*");
    boolean first = !asked.containsKey(type);
    asked.computeIfAbsent(type, t -> new HashSet<>()).addAll(subscribed);
    if (first && (wildcardAsked || subscribed.isEmpty())) {
      wildcards.add(type);
    }
    if (first && stateUpTo > 0) {
      sendState(type, subscribed, request.getInitialResourceVersionsMap().keySet());
      play();
    } else if (first || !subscribed.isEmpty()) {
      Set<String> answered = play();
      subscribed.removeAll(answered);
      if (!subscribed.isEmpty() && !wildcards.contains(type)) {
        sendState(type, subscribed, Set.of());
      }
    }
  }

  /**
   * Sends every recorded response that is due.
   *
   * @return the names that were in them
   */
  Set<String> play() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < recorded.size(); i++) {
      if (played.get(i) || !due(i) || !asked.containsKey(recorded.get(i).getTypeUrl())) {
        continue;
      }
      DeltaDiscoveryResponse response = asAsked(recorded.get(i));
      if (response.getResourcesCount() == 0
          && response.getRemovedResourcesCount() == 0
          && recorded.get(i).getResourcesCount() > 0) {
        // of no interest yet; perhaps a later subscription wants it
        continue;
      }
      played.set(i);
      response.getResourcesList().forEach(resource -> names.add(resource.getName()));
      names.addAll(response.getRemovedResourcesList());
      send(response);
    }
    return names;
  }

  boolean allAnswered() {
    return unanswered.isEmpty();
  }

  List<String> outstanding() {
    List<String> left = new ArrayList<>();
    for (int i = 0; i < recorded.size(); i++) {
      String type = recorded.get(i).getTypeUrl();
      boolean inState = index.get(i).step() <= stateUpTo && asked.containsKey(type);
      if (index.get(i).step() <= server.step()
          && !inState
          && !played.get(i)
          && !type.equals(NAME_TABLE)) {
        left.add(index.get(i).step() + " " + index.get(i).type() + " " + index.get(i).nonce());
      }
    }
    return left;
  }

  void end(Status status) {
    if (!open) {
      return;
    }
    open = false;
    if (status.isOk()) {
      out.onCompleted();
    } else {
      out.onError(status.asRuntimeException());
    }
  }

  void gone() {
    open = false;
  }

  private boolean due(int i) {
    int step = index.get(i).step();
    return step > stateUpTo && step <= server.step();
  }

  private DeltaDiscoveryResponse asAsked(DeltaDiscoveryResponse response) {
    if (wildcards.contains(response.getTypeUrl())) {
      return response;
    }
    Set<String> names = asked.get(response.getTypeUrl());
    DeltaDiscoveryResponse.Builder part =
        response.toBuilder().clearResources().clearRemovedResources();
    response.getResourcesList().stream()
        .filter(resource -> names.contains(resource.getName()))
        .forEach(part::addResources);
    response.getRemovedResourcesList().stream()
        .filter(names::contains)
        .forEach(part::addRemovedResources);
    return part.build();
  }

  private void sendState(String type, Collection<String> names, Set<String> clientHas) {
    Map<String, Resource> state = server.state().byType().getOrDefault(type, Map.of());
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setSystemVersionInfo("replay/" + server.step())
            .setNonce("replay-" + number + "-" + ++ownNonces);
    if (wildcards.contains(type)) {
      response.addAllResources(state.values());
      clientHas.stream()
          .filter(name -> !state.containsKey(name))
          .forEach(response::addRemovedResources);
    } else {
      names.forEach(
          name -> response.addAllResources(orAsIstiodAnswers(type, name, state.get(name))));
    }
    send(response.build());
  }

  private static List<Resource> orAsIstiodAnswers(String type, String name, Resource known) {
    if (known != null) {
      return List.of(known);
    }
    if (type.equals(TypeUrl.CLUSTER_LOAD_ASSIGNMENT.url())) {
      return List.of(
          resource(type, name, ClusterLoadAssignment.newBuilder().setClusterName(name).build()));
    }
    if (type.equals(TypeUrl.ROUTE_CONFIGURATION.url())) {
      return List.of(resource(type, name, RouteConfiguration.newBuilder().setName(name).build()));
    }
    return List.of();
  }

  private static Resource resource(String type, String name, Message body) {
    return Resource.newBuilder()
        .setName(name)
        .setResource(Any.newBuilder().setTypeUrl(type).setValue(body.toByteString()))
        .build();
  }

  private void send(DeltaDiscoveryResponse response) {
    if (open) {
      unanswered.add(response.getNonce());
      server.sending(response);
      out.onNext(response);
    }
  }
}
