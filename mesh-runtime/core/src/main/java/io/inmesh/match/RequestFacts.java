package io.inmesh.match;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a policy may ask about a request and the connection it came on. Used by one thread. */
public interface RequestFacts {
  /** Normalized; null when only a connection is judged (TCP). */
  @Nullable RequestHead head();

  Connection connection();

  /** The direct peer; null when unknown. */
  default @Nullable IpAddress directRemote() {
    return IpAddress.parse(connection().remoteIp());
  }

  /** Whom the request comes from, as {@code x-forwarded-for} says where it is trusted. */
  default @Nullable IpAddress remote() {
    return directRemote();
  }

  /** Our own end. */
  default @Nullable IpAddress local() {
    return IpAddress.parse(connection().localIp());
  }

  /**
   * Dynamic metadata, such as the claims of a verified JWT: String, Double, Boolean, List, Map, or
   * {@link MetadataValues#NULL}; null when there is none.
   */
  default @Nullable Object metadata(String namespace, List<String> path) {
    return null;
  }

  /** A bare connection. */
  static RequestFacts of(Connection connection) {
    return new RequestFacts() {
      @Override
      public @Nullable RequestHead head() {
        return null;
      }

      @Override
      public Connection connection() {
        return connection;
      }
    };
  }
}
