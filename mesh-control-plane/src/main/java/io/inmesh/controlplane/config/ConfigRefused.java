package io.inmesh.controlplane.config;

/** A document that cannot be used, with the place to look at. Lines count from 1. */
public final class ConfigRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;
  private final String path;
  private final String reason;

  ConfigRefused(String file, int line, String path, String reason) {
    super(file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + reason);
    this.file = file;
    this.line = line;
    this.path = path;
    this.reason = reason;
  }

  /** The file's name inside the configuration directory. */
  public String file() {
    return file;
  }

  public int line() {
    return line;
  }

  /** For example {@code spec.ports[0].protocol}; empty when the whole document is meant. */
  public String path() {
    return path;
  }

  public String reason() {
    return reason;
  }
}
