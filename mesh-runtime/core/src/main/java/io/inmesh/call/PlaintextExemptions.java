package io.inmesh.call;

import io.inmesh.http.RequestHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Plaintext requests that are served whatever mTLS mode and policy say, and that carry no identity:
 * a kubelet's probes, a scrape. Nothing is exempt unless a setting names it. Immutable.
 */
public final class PlaintextExemptions {
  public static final PlaintextExemptions NONE = new PlaintextExemptions(Set.of(), Set.of());

  private static final List<String> METHODS = List.of("GET", "HEAD");

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

  /**
   * @param ports of the application, on which every plaintext request is exempt
   * @param targets path and query, to be met exactly by a GET or HEAD
   */
  public PlaintextExemptions(Set<Integer> ports, Set<String> targets) {
    this.ports = Set.copyOf(ports);
    this.targets = Set.copyOf(targets);
    for (String target : this.targets) {
      for (String method : METHODS) {
        beginnings.add((method + " " + target + " ").getBytes(StandardCharsets.ISO_8859_1));
      }
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
        || (targets.contains(head.path()) && METHODS.contains(head.method()));
  }
}
