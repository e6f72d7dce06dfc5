package io.inmesh.xds;

import java.time.Duration;

/**
 * Why there is no stream at the moment.
 *
 * @param code the gRPC status code's name, {@code UNAVAILABLE}; {@code OK} if the control plane
 *     ended the stream in good order
 * @param reason for a person
 * @param afterResponse the control plane had answered on this stream, so that by gRFC A57 its end
 *     is no error
 * @param failedAttempts streams in a row, this one included, on which nothing arrived
 * @param retryIn when the next stream is opened
 */
public record Disconnection(
    String code, String reason, boolean afterResponse, int failedAttempts, Duration retryIn) {}
