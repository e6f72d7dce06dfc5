package io.inmesh.identity;

import java.nio.charset.StandardCharsets;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.StandardConstants;

/** A server name that is no host name: JSSE's own class refuses Istio's underscores. */
final class RawServerName extends SNIServerName {
  RawServerName(String name) {
    super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.US_ASCII));
  }
}
