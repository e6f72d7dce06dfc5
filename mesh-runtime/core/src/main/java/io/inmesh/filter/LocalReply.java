package io.inmesh.filter;

import io.inmesh.config.NotYet;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the mesh gives itself. For a gRPC request it becomes status 200 with {@code
 * grpc-status} and {@code grpc-message}, as Envoy does.
 *
 * @param status HTTP status
 * @param body text, {@code text/plain}; empty: none
 * @param details Envoy's response code details, e.g. {@code
 *     rbac_access_denied_matched_policy[none]}
 * @param flag null: none
 * @param headers added to the answer
 * @param grpcStatus for gRPC requests; negative: mapped from the HTTP status
 */
public record LocalReply(
    int status,
    String body,
    String details,
    @Nullable ResponseFlag flag,
    Headers headers,
    int grpcStatus) {

  public static LocalReply of(int status, String body, String details) {
    return new LocalReply(status, body, details, null, new Headers(), -1);
  }

  /**
   * For what is valid for Envoy and not enforced here: 403 where it protects, else 503; the body
   * names what is missing, the details are for the log.
   */
  public static LocalReply notEnforced(NotYet why) {
    return of(
        why.security() ? 403 : 503,
        "inmesh: not enforced here: " + why.field(),
        "inmesh_not_enforced{" + why.toString().replace(' ', '_') + "}");
  }

  public LocalReply with(ResponseFlag flag) {
    return new LocalReply(status, body, details, flag, headers, grpcStatus);
  }

  public LocalReply with(Headers all) {
    return new LocalReply(status, body, details, flag, all, grpcStatus);
  }

  public LocalReply withHeader(String name, String value) {
    Headers more = headers.copy().set(name, value);
    return new LocalReply(status, body, details, flag, more, grpcStatus);
  }
}
