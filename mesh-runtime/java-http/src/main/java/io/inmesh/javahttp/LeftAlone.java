package io.inmesh.javahttp;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** The mesh has no part in this call: the given client is to send it. */
final class LeftAlone extends IOException {
  private static final long serialVersionUID = 1L;

  /** Stands below the mesh's interceptor, which goes on to it only with such calls. */
  static final Interceptor BELOW_THE_MESH = new Below();

  private LeftAlone() {
    super("left to the JDK's client", null);
  }

  /** No message of its own is ever shown, so no stack is taken. */
  @Override
  public Throwable fillInStackTrace() {
    return this;
  }

  private static final class Below implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
      throw new LeftAlone();
    }
  }
}
