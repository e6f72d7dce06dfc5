package io.inmesh.call;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Makes calls on the configuration that is in force at that moment. Thread-safe. */
public interface CallFactory {
  /**
   * A call of the application to {@code head.authority()}. Null when the mesh leaves it alone (it
   * is switched off, the destination is excluded or literally loopback): the adapter then uses its
   * library as if Inmesh were not there.
   */
  @Nullable Call outbound(
      RequestHead head,
      BodyTraits body,
      CallContext parent,
      Capabilities can,
      Waker waker,
      long nowNanos);

  /** A request that came in on a port of the application. */
  Call inbound(
      RequestHead head,
      BodyTraits body,
      Connection from,
      Capabilities can,
      Waker waker,
      long nowNanos);
}
