package io.inmesh.benchmarks.path;

import io.inmesh.Mesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** The server of an arm, in a process of its own. */
final class ServerMain {
  private ServerMain() {}

  /**
   * @param arguments arm, port, work directory
   */
  public static void main(String[] arguments) throws IOException, LifecycleException {
    Arm arm = Arm.valueOf(arguments[0]);
    Path work = Path.of(arguments[2]);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(work.resolve("tomcat-" + arm).toString());
    tomcat.setPort(Integer.parseInt(arguments[1]));
    Connector connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("tcpNoDelay", "true");
    connector.setProperty("maxKeepAliveRequests", "-1"); // 100 by default: then it would reconnect
    if (arm == Arm.RAW_TLS) {
      ownTls(connector, work);
    }
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "echo", new Echo()).setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "echo");
    if (arm.meshed()) {
      Mesh mesh = Mesh.start();
      mesh.wrap(Tomcat.class, tomcat).start();
    } else {
      tomcat.start();
    }
    Usage.answer();
  }

  private static void ownTls(Connector connector, Path work) {
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols("TLSv1.3");
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
    certificate.setCertificateKeystoreFile(KeyStores.file(work).toString());
    certificate.setCertificateKeystorePassword(KeyStores.PASSWORD);
    host.addCertificate(certificate);
    connector.setProperty("SSLEnabled", "true");
    connector.setScheme("https");
    connector.setSecure(true);
    connector.addSslHostConfig(host);
  }

  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final byte[] BODY =
        "{\"item\":42,\"name\":\"a small body, as most are\",\"in_stock\":true}"
            .getBytes(StandardCharsets.UTF_8);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentType("application/json");
      response.setContentLength(BODY.length);
      response.getOutputStream().write(BODY);
    }
  }
}
