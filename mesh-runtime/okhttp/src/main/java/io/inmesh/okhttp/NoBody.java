package io.inmesh.okhttp;

import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** The body of a prior response: its type and length are known, its bytes are gone. */
final class NoBody extends ResponseBody {
  private final @Nullable MediaType type;
  private final long length;

  private NoBody(@Nullable MediaType type, long length) {
    this.type = type;
    this.length = length;
  }

  static NoBody of(Response response) {
    return new NoBody(response.body().contentType(), response.body().contentLength());
  }

  @Override
  public @Nullable MediaType contentType() {
    return type;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public BufferedSource source() {
    throw new IllegalStateException("the body of a prior response is not kept");
  }

  @Override
  public void close() {}
}
