package io.inmesh.upstream;

/** gRPC status codes as the HTTP status that outlier detection counts (Envoy's table). */
final class GrpcStatus {
  private static final int[] HTTP = {
    200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401
  };

  private GrpcStatus() {}

  static int toHttp(int code) {
    return code < HTTP.length ? HTTP[code] : 500;
  }
}
