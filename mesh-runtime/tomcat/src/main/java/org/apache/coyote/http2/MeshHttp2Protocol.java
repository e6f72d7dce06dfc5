package org.apache.coyote.http2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.coyote.http11.upgrade.UpgradeProcessorInternal;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 whose streams may say {@code :scheme http} or {@code https}, whichever the connection is:
 * inside mTLS Envoy sends http, OkHttp https, and Tomcat would reset the stream of one of them.
 */
@NullMarked
public final class MeshHttp2Protocol extends Http2Protocol {
  private final BiFunction<Adapter, SocketWrapperBase<?>, Adapter> adapters;

  /**
   * @param adapters gives each connection its own adapter
   */
  public MeshHttp2Protocol(BiFunction<Adapter, SocketWrapperBase<?>, Adapter> adapters) {
    this.adapters = adapters;
  }

  @Override
  public InternalHttpUpgradeHandler getInternalUpgradeHandler(
      SocketWrapperBase<?> socket, Adapter adapter, @Nullable Request upgraded) {
    Adapter own = adapters.apply(adapter, socket);
    return socket.hasAsyncIO()
        ? new AsyncHandler(this, own, upgraded, socket)
        : new Handler(this, own, upgraded, socket);
  }

  /**
   * Answers a stream whose application is still at work.
   *
   * @param body may be empty
   */
  public static void answer(
      SocketWrapperBase<?> socket, int streamId, MimeHeaders head, byte[] body) throws IOException {
    if (!(socket.getCurrentProcessor() instanceof UpgradeProcessorInternal processor)
        || !(processor.getUpgradeToken().httpUpgradeHandler()
            instanceof Http2UpgradeHandler handler)) {
      return;
    }
    Stream stream = handler.getStream(streamId);
    if (stream == null || !stream.canWrite()) {
      return;
    }
    handler.writeHeaders(stream, head, body.length == 0, Constants.DEFAULT_HEADERS_FRAME_SIZE);
    if (body.length > 0) {
      int allowed = stream.reserveWindowSize(body.length, true);
      if (allowed >= body.length && handler.reserveWindowSize(stream, body.length, true) > 0) {
        handler.writeBody(stream, ByteBuffer.wrap(body), body.length, true);
      }
    }
  }

  private static final class AsyncHandler extends Http2AsyncUpgradeHandler {
    AsyncHandler(
        Http2Protocol protocol,
        Adapter adapter,
        @Nullable Request upgraded,
        SocketWrapperBase<?> socket) {
      super(protocol, adapter, upgraded, socket);
    }

    @Override
    public HpackDecoder.HeaderEmitter headersStart(int id, boolean end)
        throws Http2Exception, IOException {
      return new AnyScheme(super.headersStart(id, end));
    }
  }

  private static final class Handler extends Http2UpgradeHandler {
    Handler(
        Http2Protocol protocol,
        Adapter adapter,
        @Nullable Request upgraded,
        SocketWrapperBase<?> socket) {
      super(protocol, adapter, upgraded, socket);
    }

    @Override
    public HpackDecoder.HeaderEmitter headersStart(int id, boolean end)
        throws Http2Exception, IOException {
      return new AnyScheme(super.headersStart(id, end));
    }
  }

  /** Tells the stream that its scheme is the connector's: http, since Tomcat's own SSL is off. */
  private record AnyScheme(HpackDecoder.HeaderEmitter stream)
      implements HpackDecoder.HeaderEmitter {
    @Override
    public void emitHeader(String name, String value) throws HpackException {
      boolean scheme = name.equals(":scheme") && value.equals("https");
      stream.emitHeader(name, scheme ? "http" : value);
    }

    @Override
    public void setHeaderException(StreamException exception) {
      stream.setHeaderException(exception);
    }

    @Override
    public void validateHeaders() throws StreamException {
      stream.validateHeaders();
    }
  }
}
