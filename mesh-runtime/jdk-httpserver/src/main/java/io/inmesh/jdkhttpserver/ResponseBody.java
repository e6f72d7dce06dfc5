package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/** The body of a response; tells the call how it ended. */
final class ResponseBody extends OutputStream {
  private final HttpExchange exchange;
  private final ServedExchange served;

  ResponseBody(HttpExchange exchange, ServedExchange served) {
    this.exchange = exchange;
    this.served = served;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    OutputStream out = begin();
    try {
      out.write(bytes, offset, length);
      served.wrote(length);
    } catch (IOException e) {
      served.gone();
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    OutputStream out = begin();
    try {
      out.flush();
    } catch (IOException e) {
      served.gone();
      throw e;
    }
  }

  private OutputStream begin() throws IOException {
    if (!served.headPassed()) {
      throw new IOException("sendResponseHeaders comes before the body");
    }
    served.check();
    return exchange.getResponseBody();
  }

  @Override
  public void close() throws IOException {
    if (!served.headPassed()) {
      return;
    }
    served.check();
    try {
      exchange.getResponseBody().close();
      served.end();
    } catch (IOException e) {
      served.breakOff();
      throw e;
    }
  }
}
