package io.inmesh.filter;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.Route;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * One call, as a filter sees it. Used by one thread at a time; only a {@link Pause} is for any
 * thread.
 */
public interface FilterCall {
  /**
   * May be edited in the request phase. A change of authority, path or headers needs {@link
   * #clearRoute()} to count in routing.
   */
  RequestHead request();

  /** Who sent it; outbound {@link Connection#LOCAL}. */
  Connection connection();

  /** The route that matches now; null when none does. */
  @Nullable Route route();

  /** The route is looked up again before the next filter that asks. */
  void clearRoute();

  /**
   * What holds for this call: the route's {@code typed_per_filter_config} for the filter, else its
   * own.
   */
  HttpFilterConfig config(HttpFilterConfig own);

  /** What substitution commands in header operations ask of this call. */
  HeaderEdits.FormatValues values();

  /** Nanoseconds of the driver's clock. */
  long nowNanos();

  /** 64 random bits. */
  long random();

  /** Answers instead of going on; return {@link FilterStatus#REPLY} then. */
  void reply(LocalReply reply);

  /**
   * To be called before returning PAUSE: what ends that pause, from any thread. Every pause needs
   * one, or {@link #resumeAfter}; with both, whichever is first.
   */
  Pause pause();

  /** Ends a PAUSE by itself after that time; to be called before returning PAUSE. */
  void resumeAfter(long nanos);

  void flag(ResponseFlag flag);

  /**
   * The policy that decided, for logs and {@code explain}: {@code
   * ns[shop]-policy[no-admin]-rule[0]}.
   */
  void policy(String name);

  /** Served here; else the application calls. */
  default boolean inbound() {
    return connection() != Connection.LOCAL;
  }

  /** What the peer says of itself, for metrics and logs. */
  default void peer(String metadata, boolean baggage) {}

  /** Somebody counts: what is only told is worth finding out. */
  default boolean watched() {
    return false;
  }

  /** For metrics: what a policy has said; shadow rules only warn. */
  default void judged(String statPrefix, boolean shadow, boolean allowed) {}

  /** What this process says of itself to its peers; null: nothing. */
  default @Nullable LocalNode node() {
    return null;
  }

  /** The filter's own state for this call, null at first. */
  @Nullable Object state();

  void state(Object value);
}
