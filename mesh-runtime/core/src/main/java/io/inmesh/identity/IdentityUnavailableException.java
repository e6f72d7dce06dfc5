package io.inmesh.identity;

import javax.net.ssl.SSLException;

/**
 * TLS was asked for, and this workload has no certificate (yet). The connection must fail: there is
 * no way on in plaintext.
 */
public final class IdentityUnavailableException extends SSLException {
  private static final long serialVersionUID = 1L;

  public IdentityUnavailableException(String message) {
    super(message);
  }
}
