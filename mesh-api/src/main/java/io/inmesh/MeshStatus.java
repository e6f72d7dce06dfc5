package io.inmesh;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A mesh at one moment.
 *
 * @param enabled false: {@code inmesh.enabled=false}, everything else is empty
 * @param ready a configuration and, where one is asked for, an identity are in force
 * @param connected a stream to the control plane is open and has answered
 * @param identity the workload's own SPIFFE ID; null until the first certificate
 * @param certificateIssued since when the certificate is valid that new connections show
 * @param certificateExpires its end
 * @param configurationVersion rises with each change in force
 * @param configured when the configuration last changed, endpoints included; null: none is in force
 * @param lastFailure the last thing that went wrong with identity or stream, in words; null when
 *     nothing did
 */
public record MeshStatus(
    boolean enabled,
    boolean ready,
    boolean connected,
    @Nullable String identity,
    @Nullable Instant certificateIssued,
    @Nullable Instant certificateExpires,
    long configurationVersion,
    @Nullable Instant configured,
    @Nullable String lastFailure) {}
