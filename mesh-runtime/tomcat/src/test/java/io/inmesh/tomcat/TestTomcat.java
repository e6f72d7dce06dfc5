package io.inmesh.tomcat;

import io.inmesh.call.CurrentCall;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.runtime.MeshServices;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

/** An embedded Tomcat with one servlet, started under a mesh. */
final class TestTomcat implements ServerUnderTest {
  final Tomcat tomcat = new Tomcat();

  /**
   * @param async the servlet answers from a thread of its own
   */
  static TestTomcat start(MeshServices services, Application application, boolean async)
      throws Exception {
    TestTomcat server = new TestTomcat();
    server.tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    server.tomcat.setPort(0);
    server.tomcat.getConnector().setProperty("address", "127.0.0.1");
    server.tomcat.getConnector().addUpgradeProtocol(new Http2Protocol());
    Context context = server.tomcat.addContext("", null);
    Wrapper servlet = Tomcat.addServlet(context, "app", new AppServlet(application, async));
    servlet.setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "app");
    new TomcatAdapter().wrap(server.tomcat, services);
    server.tomcat.start();
    return server;
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  MeshProtocol protocol() {
    return (MeshProtocol) tomcat.getConnector().getProtocolHandler();
  }

  @Override
  public void close() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  private static final class AppServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private final transient Application application;
    private final boolean async;

    AppServlet(Application application, boolean async) {
      this.application = application;
      this.async = async;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      Request seen = seen(request);
      if (!async) {
        write(seen, response);
        return;
      }
      AsyncContext context = request.startAsync();
      new Thread(
              () -> {
                try {
                  write(seen, response);
                } catch (IOException | RuntimeException e) {
                  fail(response);
                } finally {
                  context.complete();
                }
              })
          .start();
    }

    private static void fail(HttpServletResponse response) {
      try {
        response.sendError(500);
      } catch (IOException | IllegalStateException e) {
        // the caller was answered already
      }
    }

    private static Request seen(HttpServletRequest request) throws IOException {
      Map<String, String> headers = new TreeMap<>();
      request
          .getHeaderNames()
          .asIterator()
          .forEachRemaining(
              name -> headers.put(name.toLowerCase(Locale.ROOT), request.getHeader(name)));
      String query = request.getQueryString();
      return new Request(
          request.getMethod(),
          request.getRequestURI() + (query == null ? "" : "?" + query),
          headers,
          request.getScheme(),
          request.isSecure(),
          request.getAttribute("io.inmesh.peer"),
          CurrentCall.context(),
          request.getInputStream().readAllBytes().length);
    }

    private void write(Request seen, HttpServletResponse response) throws IOException {
      ServerUnderTest.Response answer;
      try {
        answer = application.serve(seen);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
      response.setStatus(answer.status());
      answer.headers().forEach(response::setHeader);
      response.getOutputStream().write(answer.body().getBytes(StandardCharsets.UTF_8));
    }
  }
}
