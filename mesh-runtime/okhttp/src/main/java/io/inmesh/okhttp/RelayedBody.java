package io.inmesh.okhttp;

import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** A body as OkHttp's callers know it; closing it closes its source. */
final class RelayedBody extends ResponseBody {
  private final @Nullable String type;
  private final long length;
  private final BufferedSource source;

  RelayedBody(@Nullable String type, long length, BufferedSource source) {
    this.type = type;
    this.length = length;
    this.source = source;
  }

  @Override
  public @Nullable MediaType contentType() {
    return type == null ? null : MediaType.parse(type);
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public BufferedSource source() {
    return source;
  }
}
