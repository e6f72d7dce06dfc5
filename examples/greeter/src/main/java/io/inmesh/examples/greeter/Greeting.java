package io.inmesh.examples.greeter;

import com.google.protobuf.StringValue;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.inmesh.Mesh;
import io.inmesh.grpc.MeshGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

/** The service: one version of it on a port of the mesh. */
final class Greeting {
  static final MethodDescriptor<StringValue, StringValue> HELLO =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("demo.Greeter/Hello")
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  private final String version;
  private final AtomicBoolean ill = new AtomicBoolean();

  Greeting(String version) {
    this.version = version;
  }

  /** Answers UNAVAILABLE from now on, or no longer. */
  void ill(boolean now) {
    ill.set(now);
  }

  Server serve(Mesh mesh, int port) throws IOException {
    return MeshGrpc.server(
            mesh, NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port)))
        .addService(
            ServerServiceDefinition.builder("demo.Greeter")
                .addMethod(
                    HELLO,
                    ServerCalls.asyncUnaryCall(
                        (StringValue name, io.grpc.stub.StreamObserver<StringValue> answer) -> {
                          if (ill.get()) {
                            answer.onError(
                                Status.UNAVAILABLE
                                    .withDescription(version + " is ill")
                                    .asRuntimeException());
                            return;
                          }
                          answer.onNext(
                              StringValue.of("Hello " + name.getValue() + ", says " + version));
                          answer.onCompleted();
                        }))
                .build())
        .build()
        .start();
  }
}
