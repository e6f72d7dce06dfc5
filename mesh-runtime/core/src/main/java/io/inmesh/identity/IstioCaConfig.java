package io.inmesh.identity;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where and how to ask Istio's CA for certificates.
 *
 * @param address {@code host:port}, port 15012 with istiod; always TLS
 * @param serverName the name in the CA's certificate, if it is not the address's host
 * @param rootsFile PEM roots that the CA's own certificate leads to; read anew for each call
 * @param tokenFile the JWT that says who we are; read anew for each call, may be missing once there
 *     is a certificate; null: none is sent
 * @param clusterId sent as {@code clusterid}; istiod's default name is {@code Kubernetes}
 * @param keyType of the keys that are made, a new one for each certificate
 * @param lifetime asked for; the CA may give another
 * @param trustDomain what an answer has to be of; null: that of the first answer
 * @param callTimeout limit for one call
 */
public record IstioCaConfig(
    String address,
    @Nullable String serverName,
    Path rootsFile,
    @Nullable Path tokenFile,
    String clusterId,
    KeyType keyType,
    Duration lifetime,
    @Nullable String trustDomain,
    Duration callTimeout) {

  /** With Istio's defaults: P-256, 24 hours, cluster {@code Kubernetes}, 10 s for a call. */
  public static IstioCaConfig of(String address, Path rootsFile, @Nullable Path tokenFile) {
    return new IstioCaConfig(
        address,
        null,
        rootsFile,
        tokenFile,
        "Kubernetes",
        KeyType.EC_P256,
        Duration.ofHours(24),
        null,
        Duration.ofSeconds(10));
  }

  public IstioCaConfig withServerName(String name) {
    return new IstioCaConfig(
        address,
        name,
        rootsFile,
        tokenFile,
        clusterId,
        keyType,
        lifetime,
        trustDomain,
        callTimeout);
  }

  public IstioCaConfig withClusterId(String id) {
    return new IstioCaConfig(
        address, serverName, rootsFile, tokenFile, id, keyType, lifetime, trustDomain, callTimeout);
  }

  public IstioCaConfig withKeyType(KeyType type) {
    return new IstioCaConfig(
        address,
        serverName,
        rootsFile,
        tokenFile,
        clusterId,
        type,
        lifetime,
        trustDomain,
        callTimeout);
  }

  public IstioCaConfig withLifetime(Duration wanted) {
    return new IstioCaConfig(
        address,
        serverName,
        rootsFile,
        tokenFile,
        clusterId,
        keyType,
        wanted,
        trustDomain,
        callTimeout);
  }

  public IstioCaConfig withTrustDomain(String domain) {
    return new IstioCaConfig(
        address,
        serverName,
        rootsFile,
        tokenFile,
        clusterId,
        keyType,
        lifetime,
        domain,
        callTimeout);
  }

  public IstioCaConfig withCallTimeout(Duration limit) {
    return new IstioCaConfig(
        address,
        serverName,
        rootsFile,
        tokenFile,
        clusterId,
        keyType,
        lifetime,
        trustDomain,
        limit);
  }
}
