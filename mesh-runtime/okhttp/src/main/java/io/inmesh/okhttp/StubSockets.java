package io.inmesh.okhttp;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Connections that go nowhere: what is written is swallowed, and each read gives one whole empty
 * answer. They carry OkHttp's chain past its connection to the network interceptor that is the
 * mesh; see docs/adr/0005-the-okhttp-cache.md.
 */
final class StubSockets extends MeshSocketFactory {
  private static final byte[] ANSWER =
      "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @Override
  public Socket createSocket() {
    return new Stub();
  }

  private static final class Stub extends Socket {
    @Override
    public void connect(SocketAddress endpoint, int timeout) {}

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public InetAddress getInetAddress() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public void setSoTimeout(int millis) {}

    @Override
    public int getSoTimeout() {
      return 0;
    }

    @Override
    public OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
      return new Answers();
    }
  }

  /** Never ends; never gives more than one answer to a read. */
  private static final class Answers extends InputStream {
    private int at;

    @Override
    public int read() {
      int next = ANSWER[at];
      at = (at + 1) % ANSWER.length;
      return next;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      int count = Math.min(length, ANSWER.length - at);
      System.arraycopy(ANSWER, at, to, offset, count);
      at = (at + count) % ANSWER.length;
      return count;
    }
  }
}
