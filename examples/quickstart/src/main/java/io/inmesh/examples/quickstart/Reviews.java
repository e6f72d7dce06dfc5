package io.inmesh.examples.quickstart;

import io.inmesh.Mesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;

/** The reviews service: an ordinary servlet on an ordinary Tomcat. */
final class Reviews extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final long WORK_MILLIS = 15;

  private final String version;
  private final String instance;

  Reviews(String version, String instance) {
    this.version = version;
    this.instance = instance;
  }

  /** Serves until the process ends. The mesh is one line. */
  static void serve(Mesh mesh, int port, String directory, Reviews reviews)
      throws LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory);
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "reviews", reviews).setAsyncSupported(true);
    context.addServletMappingDecoded("/reviews/*", "reviews");
    mesh.wrap(Tomcat.class, tomcat).start();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    work();
    String attempt = request.getHeader("x-envoy-attempt-count");
    response.setContentType("text/plain");
    response
        .getWriter()
        .printf(
            "version=%s instance=%s attempt=%s caller=%s%n",
            version, instance, attempt, caller(request.getHeader("x-forwarded-client-cert")));
  }

  /** Whoever called, as behind any sidecar: the last element is this workload's own mesh's. */
  private static String caller(@Nullable String forwardedClientCert) {
    int at = forwardedClientCert == null ? -1 : forwardedClientCert.lastIndexOf("URI=");
    return forwardedClientCert == null || at < 0
        ? "nobody"
        : forwardedClientCert.substring(at + 4).split("[;,]", 2)[0];
  }

  /** Long enough that requests are under way whenever an instance is killed. */
  private static void work() {
    try {
      Thread.sleep(WORK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
