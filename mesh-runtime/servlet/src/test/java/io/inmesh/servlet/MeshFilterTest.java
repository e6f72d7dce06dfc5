package io.inmesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.InboundChain;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.TestTables;
import io.inmesh.runtime.TestMesh;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The filter alone, in a container that knows nothing of the mesh. */
@Timeout(30)
class MeshFilterTest {
  private final TestMesh mesh = new TestMesh();
  private final Tomcat tomcat = new Tomcat();

  @BeforeEach
  void start() throws Exception {
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound", TestTables.to("inbound|18080||").route()),
            List.of(
                RbacTestKit.filter(
                    """
                    {'rules': {'action': 'DENY', 'policies': {'no-admin': {
                      'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
                      'principals': [{'any': true}]}}}}
                    """)),
            HttpOptions.sidecar(true));
    InboundChain chain = new InboundChain("chain", null, manager, List.of(), null);
    mesh.use(new TestTables().inbound(facts -> chain));
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    FilterDef filter = new FilterDef();
    filter.setFilterName("mesh");
    filter.setFilter(new MeshFilter(mesh));
    filter.setAsyncSupported("true");
    context.addFilterDef(filter);
    FilterMap map = new FilterMap();
    map.setFilterName("mesh");
    map.addURLPattern("/*");
    context.addFilterMap(map);
    Tomcat.addServlet(context, "echo", new Echo()).setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "echo");
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
    mesh.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .header("x-envoy-retry-on", "5xx")
                .header("x-forwarded-client-cert", "forged")
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void policyDeniesBeforeTheApplication() throws Exception {
    HttpResponse<String> answer = get("/admin");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).isEqualTo("RBAC: access denied");
    assertThat(mesh.lastOutcome().policy()).isEqualTo("no-admin");
  }

  @Test
  void headsPassTheMeshBothWays() throws Exception {
    for (String path : List.of("/a%62c", "/async")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("server")).contains("istio-envoy");
      assertThat(answer.headers().firstValue("x-envoy-upstream-service-time")).isPresent();
      assertThat(answer.body())
          .startsWith(path.equals("/async") ? "/async" : "/abc")
          .contains("x-request-id", "x-forwarded-proto")
          .doesNotContain("x-envoy-retry-on", "x-forwarded-client-cert");
    }
  }

  @Test
  void anApplicationThatThrowsIsRecordedAs500() throws Exception {
    assertThat(get("/throw").statusCode()).isEqualTo(500);
    assertThat(mesh.lastOutcome().status()).isEqualTo(500);
  }

  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getRequestURI().equals("/throw")) {
        throw new IllegalStateException("the application's own defect");
      }
      StringBuilder text = new StringBuilder(request.getRequestURI());
      request.getHeaderNames().asIterator().forEachRemaining(name -> text.append(' ').append(name));
      if (request.getRequestURI().equals("/async")) {
        var context = request.startAsync(request, response);
        context.start(
            () -> {
              try {
                response.getWriter().print(text);
                response.getWriter().flush();
              } catch (IOException e) {
                // seen by the test as a missing answer
              }
              context.complete();
            });
      } else {
        response.getWriter().print(text);
      }
    }
  }
}
