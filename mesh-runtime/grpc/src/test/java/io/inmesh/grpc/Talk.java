package io.inmesh.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One stream, as an application holds it. */
final class Talk extends ClientCall.Listener<String> {
  final ClientCall<String, String> call;
  final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  final CompletableFuture<Metadata> headers = new CompletableFuture<>();
  final CompletableFuture<Status> status = new CompletableFuture<>();
  final CompletableFuture<Metadata> trailers = new CompletableFuture<>();
  final AtomicInteger readies = new AtomicInteger();

  Talk(Channel channel, CallOptions options, Metadata sent) {
    this(channel.newCall(EchoServer.TALK, options), sent);
  }

  Talk(ClientCall<String, String> call, Metadata sent) {
    this.call = call;
    call.start(this, sent);
  }

  String next() throws InterruptedException {
    return messages.poll(10, TimeUnit.SECONDS);
  }

  Status end() throws Exception {
    return status.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void onHeaders(Metadata received) {
    headers.complete(received);
  }

  @Override
  public void onMessage(String message) {
    messages.add(message);
  }

  @Override
  public void onReady() {
    readies.incrementAndGet();
  }

  @Override
  public void onClose(Status how, Metadata last) {
    trailers.complete(last);
    status.complete(how);
  }
}
