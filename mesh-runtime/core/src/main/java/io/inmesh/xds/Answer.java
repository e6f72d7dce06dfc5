package io.inmesh.xds;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.google.rpc.Status;
import java.util.Map;

/** ACK and NACK. */
final class Answer {
  /** {@code google.rpc.Code.INVALID_ARGUMENT}. */
  private static final int INVALID_ARGUMENT = 3;

  /** A person reads it in the control plane's log; the rest is in ours. */
  private static final int LONGEST_MESSAGE = 16 * 1024;

  private Answer() {}

  static DeltaDiscoveryRequest.Builder to(
      DeltaDiscoveryResponse response, Map<String, String> refused) {
    DeltaDiscoveryRequest.Builder answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce());
    if (!refused.isEmpty()) {
      answer.setErrorDetail(
          Status.newBuilder()
              .setCode(INVALID_ARGUMENT)
              .setMessage(message(response.getResourcesCount(), refused)));
    }
    return answer;
  }

  private static String message(int sent, Map<String, String> refused) {
    StringBuilder message =
        new StringBuilder()
            .append(refused.size())
            .append(" of ")
            .append(sent)
            .append(" resources refused, the others are in use");
    int left = refused.size();
    for (Map.Entry<String, String> entry : refused.entrySet()) {
      String line = "; '" + entry.getKey() + "': " + entry.getValue();
      if (message.length() + line.length() > LONGEST_MESSAGE) {
        return message.append("; and ").append(left).append(" more").toString();
      }
      message.append(line);
      left--;
    }
    return message.toString();
  }
}
