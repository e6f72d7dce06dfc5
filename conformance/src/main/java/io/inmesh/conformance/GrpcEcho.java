package io.inmesh.conformance;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Services of strings for tests: one for each type of call. */
public final class GrpcEcho {
  public static final MethodDescriptor<String, String> SAY =
      method("test.Echo/Say", MethodType.UNARY);

  /** Answers as many messages as the number that is sent. */
  public static final MethodDescriptor<String, String> COUNT =
      method("test.Echo/Count", MethodType.SERVER_STREAMING);

  /** Does with one message what {@link #SAY} does, and may answer many. */
  public static final MethodDescriptor<String, String> STREAM =
      method("test.Echo/Stream", MethodType.SERVER_STREAMING);

  /** Answers all messages in one, joined by commas. */
  public static final MethodDescriptor<String, String> JOIN =
      method("test.Echo/Join", MethodType.CLIENT_STREAMING);

  /** Answers each message at once. */
  public static final MethodDescriptor<String, String> TALK =
      method("test.Echo/Talk", MethodType.BIDI_STREAMING);

  /** Policy of the contract lets nobody call it. */
  public static final MethodDescriptor<String, String> ADMIN =
      method("admin.Users/List", MethodType.UNARY);

  /** Nobody implements it. */
  public static final MethodDescriptor<String, String> NOWHERE =
      method("test.Echo/Nowhere", MethodType.UNARY);

  /** As {@link #NOWHERE}, in a service that policy denies. */
  public static final MethodDescriptor<String, String> ADMIN_NOWHERE =
      method("admin.Users/Nowhere", MethodType.UNARY);

  private GrpcEcho() {}

  /** What the unary methods do. */
  @FunctionalInterface
  public interface Unary {
    void say(String message, StreamObserver<String> to);
  }

  public static List<ServerServiceDefinition> services(Unary unary) {
    ServerCallHandler<String, String> say = ServerCalls.asyncUnaryCall(unary::say);
    return List.of(
        ServerServiceDefinition.builder("test.Echo")
            .addMethod(SAY, say)
            .addMethod(COUNT, ServerCalls.asyncServerStreamingCall(GrpcEcho::count))
            .addMethod(STREAM, ServerCalls.asyncServerStreamingCall(unary::say))
            .addMethod(JOIN, ServerCalls.asyncClientStreamingCall(Joined::new))
            .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(Talking::new))
            .build(),
        ServerServiceDefinition.builder("admin.Users").addMethod(ADMIN, say).build());
  }

  /** A unary method of that name. */
  public static MethodDescriptor<String, String> method(String name) {
    return method(name, MethodType.UNARY);
  }

  private static void count(String number, StreamObserver<String> to) {
    for (int i = 0; i < Integer.parseInt(number); i++) {
      to.onNext(Integer.toString(i));
    }
    to.onCompleted();
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(name)
        .setRequestMarshaller(Text.INSTANCE)
        .setResponseMarshaller(Text.INSTANCE)
        .build();
  }

  private static class Talking implements StreamObserver<String> {
    final StreamObserver<String> to;

    Talking(StreamObserver<String> to) {
      this.to = to;
    }

    @Override
    public void onNext(String message) {
      to.onNext(message);
    }

    @Override
    public void onError(Throwable cancelled) {}

    @Override
    public void onCompleted() {
      to.onCompleted();
    }
  }

  private static final class Joined extends Talking {
    private final List<String> all = new ArrayList<>();

    Joined(StreamObserver<String> to) {
      super(to);
    }

    @Override
    public void onNext(String message) {
      all.add(message);
    }

    @Override
    public void onCompleted() {
      to.onNext(String.join(",", all));
      to.onCompleted();
    }
  }

  private enum Text implements MethodDescriptor.Marshaller<String> {
    INSTANCE;

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
