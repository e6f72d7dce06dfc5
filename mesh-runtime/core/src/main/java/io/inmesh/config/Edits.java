package io.inmesh.config;

import io.inmesh.proto.envoy.config.core.v3.HeaderValueOption;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import java.util.List;

/** The four levels that have header operations. */
final class Edits {
  private Edits() {}

  /** Towards the upstream and back. */
  record Both(HeaderEdits request, HeaderEdits response) {
    static final Both NONE = new Both(HeaderEdits.NONE, HeaderEdits.NONE);

    static Both inOrder(boolean mostSpecificWins, Both... mostSpecificFirst) {
      HeaderEdits[] request = new HeaderEdits[mostSpecificFirst.length];
      HeaderEdits[] response = new HeaderEdits[mostSpecificFirst.length];
      for (int i = 0; i < request.length; i++) {
        request[i] = mostSpecificFirst[i].request();
        response[i] = mostSpecificFirst[i].response();
      }
      return new Both(
          EditChain.of(mostSpecificWins, request), EditChain.of(mostSpecificWins, response));
    }
  }

  static Both of(RouteConfiguration proto) {
    return of(
        proto.getRequestHeadersToAddList(),
        proto.getRequestHeadersToRemoveList(),
        proto.getResponseHeadersToAddList(),
        proto.getResponseHeadersToRemoveList());
  }

  static Both of(VirtualHost proto) {
    return of(
        proto.getRequestHeadersToAddList(),
        proto.getRequestHeadersToRemoveList(),
        proto.getResponseHeadersToAddList(),
        proto.getResponseHeadersToRemoveList());
  }

  static Both of(Route proto) {
    return of(
        proto.getRequestHeadersToAddList(),
        proto.getRequestHeadersToRemoveList(),
        proto.getResponseHeadersToAddList(),
        proto.getResponseHeadersToRemoveList());
  }

  static Both of(ClusterWeight proto) {
    return of(
        proto.getRequestHeadersToAddList(),
        proto.getRequestHeadersToRemoveList(),
        proto.getResponseHeadersToAddList(),
        proto.getResponseHeadersToRemoveList());
  }

  private static Both of(
      List<HeaderValueOption> requestAdd,
      List<String> requestRemove,
      List<HeaderValueOption> responseAdd,
      List<String> responseRemove) {
    return new Both(
        HeaderEditsCompiler.compile("request_headers", requestAdd, requestRemove),
        HeaderEditsCompiler.compile("response_headers", responseAdd, responseRemove));
  }
}
