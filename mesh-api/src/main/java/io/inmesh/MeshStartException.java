package io.inmesh;

/** Identity or configuration has not arrived within {@link Setting#START_LIMIT}. */
public class MeshStartException extends MeshException {
  private static final long serialVersionUID = 1L;

  private final String controlPlane;

  /**
   * @param controlPlane its address
   */
  public MeshStartException(String controlPlane, String message) {
    super(message);
    this.controlPlane = controlPlane;
  }

  public String controlPlane() {
    return controlPlane;
  }
}
