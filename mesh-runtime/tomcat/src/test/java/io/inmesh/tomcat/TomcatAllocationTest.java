package io.inmesh.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.Allocations;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.runtime.TestMesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a meshed request costs the server, Tomcat's own share included: docs/benchmarks.md, and a
 * tenth.
 */
@Timeout(180)
class TomcatAllocationTest {
  private static final long REQUEST = 3_310 * 11 / 10;
  private static final byte[] GET =
      ("GET /items/1 HTTP/1.1\r\nhost: reviews\r\naccept: application/json\r\n"
              + "accept-encoding: gzip\r\nuser-agent: okhttp/5\r\nx-forwarded-proto: http\r\n"
              + "x-request-id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  @Test
  void aRequestAllocatesNoMoreThanItDid() throws Exception {
    try (TestMesh mesh = new TestMesh()) {
      HttpManager manager =
          new HttpManager(
              "virtualInbound/0.0.0.0_18080",
              true,
              TestTables.table("inbound", TestTables.to("inbound|18080||").route()),
              List.of(),
              HttpOptions.sidecar(true));
      mesh.use(new TestTables().inbound(MtlsMode.PERMISSIVE.table(manager)));
      Tomcat tomcat = started(mesh);
      int port = tomcat.getConnector().getLocalPort();
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        long bytes =
            Allocations.ofThreads(REQUEST, name -> name.contains("-exec-"), () -> ask(socket));
        assertThat(mesh.lastOutcome().status()).isEqualTo(200);
        assertThat(bytes).isLessThanOrEqualTo(REQUEST);
      } finally {
        tomcat.stop();
        tomcat.destroy();
      }
    }
  }

  private static Tomcat started(TestMesh mesh) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "app", new Small());
    context.addServletMappingDecoded("/*", "app");
    new TomcatAdapter().wrap(tomcat, mesh);
    tomcat.start();
    return tomcat;
  }

  private static int ask(Socket socket) throws IOException {
    socket.getOutputStream().write(GET);
    InputStream in = socket.getInputStream();
    int read = 0;
    for (int b = in.read(); b != '}'; b = in.read()) {
      if (b < 0) {
        throw new IOException("closed after " + read + " bytes");
      }
      read++;
    }
    return read;
  }

  private static final class Small extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentType("application/json");
      response.setContentLength(2);
      response.getOutputStream().write("{}".getBytes(StandardCharsets.US_ASCII));
    }
  }
}
