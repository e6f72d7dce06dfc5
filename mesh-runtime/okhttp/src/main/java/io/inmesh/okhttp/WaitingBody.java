package io.inmesh.okhttp;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import okhttp3.RequestBody;
import okio.BufferedSink;

/** A body that may have to wait for its bytes, and must stop waiting when its attempt ends. */
public abstract class WaitingBody extends RequestBody {
  /**
   * Writes the body; may park the thread.
   *
   * @param cancelled whether the attempt was given up; the thread is unparked when it becomes true
   */
  public abstract void writeTo(BufferedSink sink, BooleanSupplier cancelled) throws IOException;

  @Override
  public final void writeTo(BufferedSink sink) throws IOException {
    writeTo(sink, () -> false);
  }
}
