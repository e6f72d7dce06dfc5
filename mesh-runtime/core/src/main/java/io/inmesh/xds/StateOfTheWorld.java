package io.inmesh.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * {@code StreamAggregatedResources}: each request repeats all names, a response of LDS or CDS is
 * complete, one of another type carries what has changed. A new stream starts without a version, so
 * that everything comes.
 */
final class StateOfTheWorld implements Wire<DiscoveryRequest, DiscoveryResponse> {
  private static final String WRAPPER = TypeUrl.of(Resource.getDescriptor().getFullName()).url();

  private static final Set<String> COMPLETE = Set.of(TypeUrl.LISTENER.url(), TypeUrl.CLUSTER.url());

  /** Types whose first field is the name: without a wrapper it stands nowhere else. */
  private static final Set<String> NAMED_BY_FIRST_FIELD =
      Set.of(
          TypeUrl.LISTENER.url(),
          TypeUrl.CLUSTER.url(),
          TypeUrl.ROUTE_CONFIGURATION.url(),
          TypeUrl.CLUSTER_LOAD_ASSIGNMENT.url(),
          TypeUrl.EXTENSION_CONFIG.url(),
          TypeUrl.SECRET.url());

  private static final int FIRST_FIELD = (1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method;
  private final Map<String, Conversation> conversations = new HashMap<>();

  StateOfTheWorld(MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method) {
    this.method = method;
  }

  /** What was said about one type. */
  private static final class Conversation {
    private final Set<String> names = new LinkedHashSet<>();
    private String acceptedVersion = "";
    private String lastVersion = "";
    private String lastNonce = "";
  }

  @Override
  public MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method() {
    return method;
  }

  @Override
  public DiscoveryRequest request(DeltaDiscoveryRequest request) {
    Conversation conversation = conversation(request.getTypeUrl());
    request.getResourceNamesUnsubscribeList().forEach(conversation.names::remove);
    conversation.names.addAll(request.getResourceNamesSubscribeList());
    if (!request.getResponseNonce().isEmpty() && !request.hasErrorDetail()) {
      conversation.acceptedVersion = conversation.lastVersion;
    }
    DiscoveryRequest.Builder translated =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(request.getTypeUrl())
            .setVersionInfo(conversation.acceptedVersion)
            .setResponseNonce(conversation.lastNonce)
            .addAllResourceNames(conversation.names);
    if (request.hasNode()) {
      translated.setNode(request.getNode());
    }
    if (request.hasErrorDetail()) {
      translated.setErrorDetail(request.getErrorDetail());
    }
    return translated.build();
  }

  @Override
  public DeltaDiscoveryResponse response(DiscoveryResponse response) {
    Conversation conversation = conversation(response.getTypeUrl());
    conversation.lastVersion = response.getVersionInfo();
    conversation.lastNonce = response.getNonce();
    DeltaDiscoveryResponse.Builder translated =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setNonce(response.getNonce())
            .setSystemVersionInfo(response.getVersionInfo())
            .addAllResourceErrors(response.getResourceErrorsList());
    for (Any resource : response.getResourcesList()) {
      translated.addResources(wrapped(resource));
    }
    return translated.build();
  }

  @Override
  public boolean namesWholeType(DiscoveryResponse response) {
    return COMPLETE.contains(response.getTypeUrl());
  }

  private Conversation conversation(String typeUrl) {
    return conversations.computeIfAbsent(typeUrl, t -> new Conversation());
  }

  private static Resource wrapped(Any resource) {
    if (resource.getTypeUrl().equals(WRAPPER)) {
      try {
        // versions of single resources do not exist in this protocol
        return Resource.parseFrom(resource.getValue()).toBuilder().clearVersion().build();
      } catch (InvalidProtocolBufferException e) {
        return Resource.getDefaultInstance();
      }
    }
    String name =
        NAMED_BY_FIRST_FIELD.contains(resource.getTypeUrl()) ? firstField(resource.getValue()) : "";
    return Resource.newBuilder().setName(name).setResource(resource).build();
  }

  private static String firstField(ByteString body) {
    String name = "";
    try {
      CodedInputStream in = body.newCodedInput();
      for (int tag; (tag = in.readTag()) != 0; ) {
        if (tag == FIRST_FIELD) {
          name = in.readStringRequireUtf8();
        } else {
          in.skipField(tag);
        }
      }
      return name;
    } catch (IOException e) {
      // whoever reads the body says what is wrong with it
      return name;
    }
  }
}
