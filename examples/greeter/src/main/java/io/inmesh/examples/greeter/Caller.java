package io.inmesh.examples.greeter;

import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.Map;
import java.util.TreeMap;

/** Calls the greeter, and counts who answered. */
final class Caller {
  private final Channel everybody;
  private final Channel canary;
  private int calls;
  private int failed;

  Caller(ManagedChannel channel) {
    Metadata wish = new Metadata();
    wish.put(Metadata.Key.of("x-canary", Metadata.ASCII_STRING_MARSHALLER), "true");
    everybody = channel;
    canary = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(wish));
  }

  int calls() {
    return calls;
  }

  int failed() {
    return failed;
  }

  /** Answers by version; of those that failed, by status. */
  Map<String, Integer> call(int times, boolean asCanary) {
    Map<String, Integer> by = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      by.merge(once(asCanary), 1, Integer::sum);
    }
    return by;
  }

  private String once(boolean asCanary) {
    calls++;
    try {
      String answer =
          ClientCalls.blockingUnaryCall(
                  asCanary ? canary : everybody,
                  Greeting.HELLO,
                  CallOptions.DEFAULT,
                  StringValue.of("Ada"))
              .getValue();
      return answer.substring(answer.lastIndexOf(' ') + 1);
    } catch (StatusRuntimeException e) {
      failed++;
      return e.getStatus().getCode() + " " + e.getStatus().getDescription();
    }
  }
}
