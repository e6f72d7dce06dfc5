package io.inmesh.conformance.sidecars;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

/**
 * An application on Tomcat that tells what reached it, HTTP/1.1 and HTTP/2 on each of its ports.
 * {@code /status/N} answers with that status, {@code /close} closes the connection.
 */
final class EchoServer implements AutoCloseable {
  private static final String INSTANCE = "instance";
  private final Tomcat tomcat = new Tomcat();
  private boolean closed;

  /**
   * @param wrap what makes it part of the mesh, or nothing
   */
  EchoServer(Path directory, List<Integer> ports, UnaryOperator<Tomcat> wrap)
      throws LifecycleException {
    this(directory, "127.0.0.1", ports, wrap);
  }

  EchoServer(Path directory, String address, List<Integer> ports, UnaryOperator<Tomcat> wrap)
      throws LifecycleException {
    tomcat.setBaseDir(directory.toString());
    for (int port : ports) {
      Connector connector = new Connector();
      connector.setPort(port);
      connector.setProperty("address", address);
      connector.setProperty("relaxedPathChars", "<>[]^`{|}\\\"");
      connector.setEncodedSolidusHandling("passthrough");
      connector.addUpgradeProtocol(new Http2Protocol());
      tomcat.getService().addConnector(connector);
      if (port == ports.get(0)) {
        tomcat.setConnector(connector);
      }
    }
    Context context = tomcat.addContext("", null);
    context.getServletContext().setAttribute(INSTANCE, directory);
    Tomcat.addServlet(context, "echo", new Echo()).setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "echo");
    wrap.apply(tomcat).start();
  }

  @Override
  public void close() throws Exception {
    if (closed) {
      return;
    }
    closed = true;
    tomcat.stop();
    tomcat.destroy();
  }

  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      String path = request.getRequestURI();
      if (path.startsWith("/status/")) {
        response.setStatus(Integer.parseInt(path.substring("/status/".length())));
      }
      response.setContentType("text/plain");
      response.setHeader("x-app", "echo");
      response.setHeader("server", "the-application");
      StringBuilder seen = new StringBuilder();
      String query = request.getQueryString();
      seen.append(request.getMethod()).append(' ').append(path);
      seen.append(query == null ? "" : "?" + query).append('\n');
      if (path.startsWith("/reviews/")) {
        seen.append("served by ").append(getServletContext().getAttribute(INSTANCE)).append('\n');
      }
      seen.append("scheme ").append(request.getScheme()).append('\n');
      seen.append("body ").append(request.getInputStream().readAllBytes().length).append('\n');
      for (String name : new TreeSet<>(Collections.list(request.getHeaderNames()))) {
        for (String value : Collections.list(request.getHeaders(name))) {
          seen.append(name.toLowerCase(java.util.Locale.ROOT)).append(": ").append(value);
          seen.append('\n');
        }
      }
      byte[] body = seen.toString().getBytes(StandardCharsets.UTF_8);
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }
}
