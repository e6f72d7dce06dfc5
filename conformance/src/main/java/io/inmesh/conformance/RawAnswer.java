package io.inmesh.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Writes a response byte by byte, as a test wants it. */
public final class RawAnswer {
  private final Socket socket;
  private final OutputStream out;

  RawAnswer(Socket socket, OutputStream out) {
    this.socket = socket;
    this.out = out;
  }

  /** A whole response. */
  public void text(int status, String body, String... headers) throws IOException {
    bytes(status, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  public void bytes(int status, byte[] body, String... headers) throws IOException {
    head(status, body.length, headers);
    out.write(body);
  }

  /** A head that promises a body of that length. */
  public void head(int status, int length, String... headers) throws IOException {
    start(status, headers);
    write("content-length: " + length + "\r\n\r\n");
  }

  /** A body in one chunk, and trailers. */
  public void chunked(String body, String trailer, String value) throws IOException {
    start(200);
    write("trailer: " + trailer + "\r\ntransfer-encoding: chunked\r\n\r\n");
    write(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n");
    write("0\r\n" + trailer + ": " + value + "\r\n\r\n");
  }

  private void start(int status, String... headers) throws IOException {
    write("HTTP/1.1 " + status + " .\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      write(headers[i] + ": " + headers[i + 1] + "\r\n");
    }
  }

  public void write(String text) throws IOException {
    out.write(RawServer.ascii(text));
  }

  public void flush() throws IOException {
    out.flush();
  }

  /** Sends what was written, then a TCP reset. */
  public void reset() throws IOException {
    out.flush();
    socket.setSoLinger(true, 0);
    socket.close();
    throw new IOException("reset");
  }

  /** The connection ends without a word more. */
  public void close() throws IOException {
    out.flush();
    socket.close();
    throw new IOException("closed");
  }
}
