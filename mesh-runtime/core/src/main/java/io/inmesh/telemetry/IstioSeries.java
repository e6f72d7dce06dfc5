package io.inmesh.telemetry;

import org.jspecify.annotations.Nullable;

/** The series that one kind of request is counted in; null where Telemetry drops the metric. */
record IstioSeries(
    @Nullable Counter requests,
    @Nullable Histogram duration,
    @Nullable Histogram requestBytes,
    @Nullable Histogram responseBytes,
    @Nullable Counter requestMessages,
    @Nullable Counter responseMessages) {

  /**
   * @param sent gRPC messages of the request
   * @param received gRPC messages of the response
   */
  void count(long millis, long request, long response, long sent, long received) {
    if (requests != null) {
      requests.increment();
    }
    if (duration != null) {
      duration.record(millis);
    }
    if (requestBytes != null) {
      requestBytes.record(request);
    }
    if (responseBytes != null) {
      responseBytes.record(response);
    }
    if (requestMessages != null && sent > 0) {
      requestMessages.add(sent);
    }
    if (responseMessages != null && received > 0) {
      responseMessages.add(received);
    }
  }
}
