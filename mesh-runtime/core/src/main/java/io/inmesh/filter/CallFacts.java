package io.inmesh.filter;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.match.IpAddress;
import io.inmesh.match.RequestFacts;
import org.jspecify.annotations.Nullable;

/** The facts of a call, for policies. Addresses are read only if a policy asks for one. */
record CallFacts(FilterCall call) implements RequestFacts {

  @Override
  public RequestHead head() {
    return call.request();
  }

  @Override
  public Connection connection() {
    return call.connection();
  }

  /**
   * The last address of {@code x-forwarded-for}, as Envoy takes it with {@code use_remote_address}
   * false (what istiod sends to sidecars); else the direct peer.
   */
  @Override
  public @Nullable IpAddress remote() {
    String forwarded = call.request().headers().joined("x-forwarded-for");
    IpAddress last =
        forwarded == null
            ? null
            : IpAddress.parse(forwarded.substring(forwarded.lastIndexOf(',') + 1).trim());
    return last == null ? directRemote() : last;
  }
}
