package io.inmesh.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The JDK's resolver on an executor of its own, since it blocks. The JDK's cache ({@code
 * networkaddress.cache.ttl}, 30 s) stands before it, so that answers may be older than the
 * cluster's refresh rate.
 */
public final class JdkHostResolver implements HostResolver {
  private final Executor executor;

  public JdkHostResolver(Executor executor) {
    this.executor = executor;
  }

  @Override
  public CompletionStage<List<String>> resolve(String name) {
    return CompletableFuture.supplyAsync(() -> addresses(name), executor);
  }

  private static List<String> addresses(String name) {
    try {
      List<String> addresses = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(name)) {
        addresses.add(address.getHostAddress());
      }
      return addresses;
    } catch (UnknownHostException e) {
      throw new CompletionException(e);
    }
  }
}
