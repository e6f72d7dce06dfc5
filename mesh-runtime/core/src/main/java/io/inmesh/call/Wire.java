package io.inmesh.call;

import io.inmesh.config.TransportSocket;
import io.inmesh.http.Protocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is spoken on the connection of an attempt. Value-equal: connection pools are keyed by it.
 *
 * @param tls null: plaintext
 * @param alpn names to offer, in order; empty: none
 * @param applicationTls the application's own TLS goes on top, with its own trust and names: bytes
 *     only, no HTTP policy
 * @param connectTimeoutNanos 0 = none
 * @param idleNanos how long an unused connection is kept; 0 = for ever
 */
public record Wire(
    Protocol protocol,
    TransportSocket.@Nullable Tls tls,
    List<String> alpn,
    boolean applicationTls,
    long connectTimeoutNanos,
    long idleNanos) {}
