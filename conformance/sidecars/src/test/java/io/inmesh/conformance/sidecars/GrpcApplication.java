package io.inmesh.conformance.sidecars;

import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A gRPC application that does what metadata of its caller says: {@code x-status} the status to end
 * with, {@code x-fail} how often, {@code x-head} whether a head goes before, {@code x-case} which
 * calls are one. {@code .../Slow} never answers.
 */
final class GrpcApplication implements AutoCloseable {
  static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
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
      };

  /** What reached it, by case. */
  final Map<String, List<Metadata>> seen = new ConcurrentHashMap<>();

  private final Map<String, AtomicInteger> failed = new ConcurrentHashMap<>();
  private final Server server;

  GrpcApplication(int port) throws IOException {
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress("127.0.0.1", port), InsecureServerCredentials.create())
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return ServerMethodDefinition.create(
                        method(name), (call, head) -> serve(name, call, head));
                  }
                })
            .build()
            .start();
  }

  static MethodDescriptor<String, String> method(String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .setRequestMarshaller(TEXT)
        .setResponseMarshaller(TEXT)
        .build();
  }

  static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private ServerCall.Listener<String> serve(
      String name, ServerCall<String, String> call, Metadata head) {
    String of = String.valueOf(head.get(key("x-case")));
    seen.computeIfAbsent(of, c -> new CopyOnWriteArrayList<>()).add(head);
    call.request(2);
    if (name.endsWith("/Slow")) {
      return new ServerCall.Listener<>() {};
    }
    return new ServerCall.Listener<>() {
      private String message = "";

      @Override
      public void onMessage(String sent) {
        message = sent;
      }

      @Override
      public void onHalfClose() {
        String status = head.get(key("x-status"));
        String fail = head.get(key("x-fail"));
        int times = fail == null ? Integer.MAX_VALUE : Integer.parseInt(fail);
        boolean bad =
            status != null
                && failed.computeIfAbsent(of, c -> new AtomicInteger()).getAndIncrement() < times;
        Metadata trailers = new Metadata();
        trailers.put(key("x-trailer"), "told");
        Metadata headers = new Metadata();
        headers.put(key("x-answer"), "from the application");
        if (!bad || head.containsKey(key("x-head"))) {
          call.sendHeaders(headers);
        }
        if (bad) {
          Status end = Status.fromCodeValue(Integer.parseInt(status));
          call.close(end.withDescription("100 % \u00e9"), trailers);
        } else {
          call.sendMessage("re: " + message);
          call.close(Status.OK, trailers);
        }
      }
    };
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }
}
