package io.inmesh.xds;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is in use of one type, as versions and digests: istiod gives no versions and sends
 * everything again, so whether a resource has changed is seen from its bytes alone. The bytes
 * themselves are not kept.
 */
final class HeldResources {
  /** A resource that was accepted. */
  record Held(String version, ByteString digest) {}

  private final Map<String, Held> held = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();

  @Nullable Held get(String name) {
    return held.get(name);
  }

  Set<String> names() {
    return held.keySet();
  }

  int size() {
    return held.size();
  }

  Map<String, String> refused() {
    return refused;
  }

  Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    held.forEach((name, resource) -> versions.put(name, resource.version()));
    return versions;
  }

  /** Without versions the control plane cannot have left anything out. */
  boolean knowsNoVersion() {
    return held.values().stream().allMatch(resource -> resource.version().isEmpty());
  }

  void forgetVersions() {
    held.replaceAll((name, resource) -> new Held("", resource.digest()));
  }

  void accept(String name, Held resource) {
    held.put(name, resource);
    refused.remove(name);
  }

  void refuse(String name, String reason) {
    refused.put(name, reason);
  }

  void drop(String name) {
    held.remove(name);
    refused.remove(name);
  }

  static ByteString digest(ByteString body) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (ByteBuffer piece : body.asReadOnlyByteBufferList()) {
      sha256.update(piece);
    }
    return ByteString.copyFrom(sha256.digest());
  }
}
