package io.inmesh.spring.boot.client;

import java.io.IOException;
import java.io.OutputStream;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.springframework.http.StreamingHttpOutputMessage;

/** What Spring's converters write, whenever the connection is there. */
final class StreamedBody extends RequestBody {
  private final StreamingHttpOutputMessage.Body body;
  private final long length;

  /**
   * @param length in bytes; -1: not known
   */
  StreamedBody(StreamingHttpOutputMessage.Body body, long length) {
    this.body = body;
    this.length = length;
  }

  /** Content-Type is among the headers. */
  @Override
  public @Nullable MediaType contentType() {
    return null;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public boolean isOneShot() {
    return !body.repeatable();
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    OutputStream out = sink.outputStream();
    body.writeTo(out);
    out.flush();
  }
}
