package io.inmesh.identity;

/**
 * A key, certificate or trust bundle that was offered is not used; what was in use stays. The
 * message says what is wrong with it and holds no secret.
 */
public final class IdentityRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  public IdentityRefusedException(String message) {
    super(message);
  }

  public IdentityRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
