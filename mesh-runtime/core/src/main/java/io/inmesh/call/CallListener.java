package io.inmesh.call;

import io.inmesh.config.HttpManager;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Told how calls end: logs, metrics. Must not block; must not keep the head. */
@FunctionalInterface
public interface CallListener {
  CallListener NONE = (inbound, request, from, outcome, nanos) -> {};

  /**
   * A call begins.
   *
   * @param request headers may be added
   * @param parent what an outbound call inherits; null: the call is inbound
   * @return null: nobody watches, and it costs nothing
   */
  default @Nullable CallWatcher watch(
      HttpManager manager,
      RequestHead request,
      Connection from,
      @Nullable CallContext parent,
      long nowNanos) {
    return null;
  }

  /**
   * @param request as it was when the call ended (edited)
   * @param nanos from the first look at the request to its end
   */
  void ended(boolean inbound, RequestHead request, Connection from, Outcome outcome, long nanos);
}
