package io.inmesh.call;

import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * What happened, as a driver tells its call. Attempts are numbered from 1 by {@link Command.Start}.
 */
public sealed interface Event {
  /**
   * A connection for the attempt is there (new or from a pool). Optional; implied by everything
   * later.
   */
  record Connected(int attempt) implements Event {
    private static final Connected FIRST = new Connected(1);

    /** Nearly every call has one attempt: no new object for it. */
    public static Connected of(int attempt) {
      return attempt == 1 ? FIRST : new Connected(attempt);
    }
  }

  /**
   * The whole request was handed to the connection. Needed of requests with a body: their time-outs
   * start here, as Envoy's do.
   */
  record RequestSent(int attempt) implements Event {
    private static final RequestSent FIRST = new RequestSent(1);

    /** Nearly every call has one attempt: no new object for it. */
    public static RequestSent of(int attempt) {
      return attempt == 1 ? FIRST : new RequestSent(attempt);
    }
  }

  /** Bytes of either body moved on: feeds idle time-outs. */
  record Progress(int attempt) implements Event {
    private static final Progress FIRST = new Progress(1);

    /** Nearly every call has one attempt: no new object for it. */
    public static Progress of(int attempt) {
      return attempt == 1 ? FIRST : new Progress(attempt);
    }
  }

  /**
   * The response head, the final one (no 1xx). {@code end}: there is no body and there are no
   * trailers.
   */
  record Head(int attempt, ResponseHead head, boolean end) implements Event {}

  /** The response is complete. */
  record End(int attempt, @Nullable Headers trailers) implements Event {}

  /**
   * The attempt failed; after its head, this is a broken body.
   *
   * @param detail for the log, e.g. {@code Connection refused}; names no secret
   */
  record Failed(int attempt, ResetKind kind, String detail) implements Event {}

  /** Inbound: the application's response head. */
  record AppHead(ResponseHead head) implements Event {}

  /** Inbound: the application's response is complete. */
  record AppEnd(@Nullable Headers trailers) implements Event {}

  /** Inbound: the application failed without a response, or broke off. */
  record AppFailed(String detail) implements Event {}

  /**
   * The request body can no longer be replayed (the buffer's limit was passed): no further attempt.
   */
  record RetainOverflow() implements Event {}

  /** The caller is gone: cancelled, disconnected, or closed the response early. */
  record CallerGone() implements Event {}
}
