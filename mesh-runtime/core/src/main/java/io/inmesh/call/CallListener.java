package io.inmesh.call;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;

/** Told how calls end: logs, metrics. Must not block; must not keep the head. */
@FunctionalInterface
public interface CallListener {
  CallListener NONE = (inbound, request, from, outcome, nanos) -> {};

  /**
   * @param request as it was when the call ended (edited)
   * @param nanos from the first look at the request to its end
   */
  void ended(boolean inbound, RequestHead request, Connection from, Outcome outcome, long nanos);
}
