package io.inmesh;

/** A setting is missing or has a value that cannot be used. */
public class MeshSettingException extends MeshException {
  private static final long serialVersionUID = 1L;

  private final Setting setting;

  public MeshSettingException(Setting setting, String message) {
    super(message);
    this.setting = setting;
  }

  public Setting setting() {
    return setting;
  }
}
