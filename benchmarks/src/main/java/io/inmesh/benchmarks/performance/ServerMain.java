package io.inmesh.benchmarks.performance;

import io.inmesh.Mesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** A server's process. */
final class ServerMain {
  private ServerMain() {}

  /**
   * @param arguments {@link Role}, work directory, port
   */
  public static void main(String[] arguments) throws IOException, LifecycleException {
    Role role = Role.valueOf(arguments[0]);
    Path work = Path.of(arguments[1]);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(work.resolve("tomcat-" + arguments[2]).toString());
    tomcat.setPort(Integer.parseInt(arguments[2]));
    Connector connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("tcpNoDelay", "true");
    connector.setProperty("maxKeepAliveRequests", "-1"); // 100 by default: then it would reconnect
    connector.setProperty("keepAliveTimeout", "600000"); // arms wait for their turn
    if (role == Role.RAW_TLS) {
      ownTls(connector, work);
    }
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "echo", new Echo()).setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "echo");
    if (role == Role.MESHED) {
      Mesh.start().wrap(Tomcat.class, tomcat).start();
    } else {
      tomcat.start();
    }
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(line.equals("retained") ? Heap.retained() : Heap.allocated());
    }
    Runtime.getRuntime().halt(0);
  }

  private static void ownTls(Connector connector, Path work) {
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols("TLSv1.3");
    host.setCertificateVerification("required");
    host.setTruststoreFile(KeyStores.roots(work).toString());
    host.setTruststorePassword(KeyStores.PASSWORD);
    host.setTruststoreType("PKCS12");
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
    certificate.setCertificateKeystoreFile(KeyStores.key(work, "server").toString());
    certificate.setCertificateKeystorePassword(KeyStores.PASSWORD);
    certificate.setCertificateKeystoreType("PKCS12");
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
