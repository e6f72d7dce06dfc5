package io.inmesh.driver;

import io.inmesh.call.ResetKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An attempt failed, and how: an adapter translates its library's exceptions into one of these. */
public final class AttemptFailure extends IOException {
  private static final long serialVersionUID = 1L;
  private final ResetKind kind;

  public AttemptFailure(ResetKind kind, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.kind = kind;
  }

  public ResetKind kind() {
    return kind;
  }

  /** The transport's own words, for the log. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
