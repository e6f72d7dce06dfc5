package io.inmesh.config;

/**
 * {@code RouteAction.max_stream_duration}: how long a stream may take from its head to its end. A
 * route that has it has no {@code timeout}, whatever that field says. Times in nanoseconds.
 *
 * @param nanos {@code max_stream_duration}; 0 = none
 * @param grpcHeaderMaxNanos {@code grpc_timeout_header_max}, which bounds what {@code grpc-timeout}
 *     asks for in place of {@code nanos}; negative: not obeyed; 0: obeyed without a limit
 */
public record StreamDuration(long nanos, long grpcHeaderMaxNanos) {}
