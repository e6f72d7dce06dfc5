package io.inmesh.call;

import io.inmesh.http.RequestHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Plaintext requests that are served whatever mTLS mode and policy say, and that carry no identity:
 * a kubelet's probes, a scrape. Nothing is exempt unless a setting names it. Immutable.
 */
public final class PlaintextExemptions {
  public static final PlaintextExemptions NONE = new PlaintextExemptions(Set.of(), Set.of());

  private static final List<String> METHODS = List.of("GET", "HEAD");

  /** A service's full name and a method. */
  private static final Pattern RPC = Pattern.compile("/[\\w.]+\\.\\w+/\\w+");

  /** What the first bytes of a plaintext connection are. */
  public enum FirstBytes {
    EXEMPT,
    /** Perhaps, as far as can be seen. */
    INCOMPLETE,
    OTHER
  }

  private final Set<Integer> ports;
  private final Set<String> targets;
  private final List<byte[]> beginnings = new ArrayList<>();

  /** {@link #targets} that are methods of gRPC, to be met by a POST. */
  private final Set<String> methods;

  /**
   * @param ports of the application, on which every plaintext request is exempt
   * @param targets path and query, to be met exactly by a GET or HEAD; one that is a method of gRPC
   *     ({@code /grpc.health.v1.Health/Check}) by an RPC as well
   */
  public PlaintextExemptions(Set<Integer> ports, Set<String> targets) {
    this.ports = Set.copyOf(ports);
    this.targets = Set.copyOf(targets);
    for (String target : this.targets) {
      for (String method : METHODS) {
        beginnings.add((method + " " + target + " ").getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    this.methods = new HashSet<>(this.targets);
    methods.removeIf(target -> !RPC.matcher(target).matches());
    if (!methods.isEmpty()) {
      // which method is called cannot be seen yet: each request is judged once it can
      beginnings.add("PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  public boolean none() {
    return ports.isEmpty() && targets.isEmpty();
  }

  /** By what has arrived of a connection; consumes nothing. */
  public FirstBytes look(int localPort, ByteBuffer received) {
    if (ports.contains(localPort)) {
      return FirstBytes.EXEMPT;
    }
    FirstBytes answer = FirstBytes.OTHER;
    for (byte[] beginning : beginnings) {
      int length = Math.min(beginning.length, received.remaining());
      if (received.slice().limit(length).equals(ByteBuffer.wrap(beginning, 0, length))) {
        if (length == beginning.length) {
          return FirstBytes.EXEMPT;
        }
        answer = FirstBytes.INCOMPLETE;
      }
    }
    return answer;
  }

  boolean exempts(int localPort, RequestHead head) {
    return ports.contains(localPort)
        || (targets.contains(head.path()) && METHODS.contains(head.method()))
        || (methods.contains(head.path()) && head.method().equals("POST") && head.grpc());
  }
}
