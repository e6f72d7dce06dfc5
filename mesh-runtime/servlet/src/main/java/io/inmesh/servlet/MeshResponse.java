package io.inmesh.servlet;

import io.inmesh.call.Call;
import io.inmesh.driver.Answer;
import io.inmesh.driver.ServedCall;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** The application's response; its head passes the mesh before the first byte of its body. */
final class MeshResponse extends HttpServletResponseWrapper {
  private final HttpServletResponse response;
  private final ServedCall served;
  private final boolean whole;
  private final Call call;
  private long written;
  private volatile boolean passed;
  private @Nullable Stream stream;
  private @Nullable PrintWriter writer;

  /**
   * @param whole the mesh wants to see the application's headers
   */
  MeshResponse(HttpServletResponse response, ServedCall served, Call call, boolean whole) {
    super(response);
    this.response = response;
    this.served = served;
    this.call = call;
    this.whole = whole;
  }

  boolean headPassed() {
    return passed;
  }

  /** The application is done, synchronously. */
  void finish() throws IOException {
    if (writer != null) {
      writer.flush();
    }
    passHead(response.getStatus());
  }

  /** Once; afterwards the response may be committed. */
  void passHead(int status) throws IOException {
    if (passed) {
      return;
    }
    passed = true;
    Headers headers = new Headers(4);
    if (whole) {
      for (String name : response.getHeaderNames()) {
        response.getHeaders(name).forEach(value -> headers.add(name, value));
      }
    }
    ResponseHead head = new ResponseHead(status, headers);
    Headers before = headers.copy();
    if (!served.respond(head)) {
      Answer answer = served.answer();
      if (answer != null && !response.isCommitted()) {
        response.reset();
        ServletHeads.write(answer, response);
      }
      throw new IOException("the mesh has answered this request already");
    }
    if (head.status() != status) {
      response.setStatus(head.status());
    }
    for (int i = 0; i < before.size(); i++) {
      if (!head.headers().contains(before.name(i))) {
        response.setHeader(before.name(i), null);
      }
    }
    for (int i = 0; i < head.headers().size(); i++) {
      response.setHeader(head.headers().name(i), head.headers().value(i));
    }
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    Stream known = stream;
    if (known == null) {
      known = new Stream(response.getOutputStream());
      stream = known;
    }
    return known;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    PrintWriter known = writer;
    if (known == null) {
      String encoding = response.getCharacterEncoding();
      if (response.getContentType() != null && !response.getContentType().contains("charset")) {
        response.setCharacterEncoding(encoding);
      }
      known = new PrintWriter(new OutputStreamWriter(getOutputStream(), Charset.forName(encoding)));
      writer = known;
    }
    return known;
  }

  @Override
  public void flushBuffer() throws IOException {
    if (writer != null) {
      writer.flush();
    }
    passHead(response.getStatus());
    super.flushBuffer();
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    passHead(status);
    super.sendError(status, message);
  }

  @Override
  public void sendError(int status) throws IOException {
    passHead(status);
    super.sendError(status);
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    passHead(SC_FOUND);
    super.sendRedirect(location);
  }

  private final class Stream extends ServletOutputStream {
    private final ServletOutputStream out;

    Stream(ServletOutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      passHead(response.getStatus());
      out.write(b);
      call.responseBytes(++written);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      passHead(response.getStatus());
      out.write(bytes, offset, length);
      written += length;
      call.responseBytes(written);
    }

    @Override
    public void flush() throws IOException {
      passHead(response.getStatus());
      out.flush();
    }

    @Override
    public void close() throws IOException {
      passHead(response.getStatus());
      out.close();
    }

    @Override
    public boolean isReady() {
      return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      out.setWriteListener(listener);
    }
  }
}
