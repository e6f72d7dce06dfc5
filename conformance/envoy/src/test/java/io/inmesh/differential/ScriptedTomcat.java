package io.inmesh.differential;

import io.inmesh.runtime.MeshServices;
import io.inmesh.tomcat.TomcatAdapter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.startup.Tomcat;

/** An application under the mesh: notes what it is asked, answers by the request's script. */
final class ScriptedTomcat implements AutoCloseable {
  private final Tomcat tomcat = new Tomcat();
  private final Map<String, Answer.Got> got = new ConcurrentHashMap<>();

  static ScriptedTomcat start(MeshServices services) throws Exception {
    ScriptedTomcat server = new ScriptedTomcat();
    server.tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    server.tomcat.setPort(0);
    server.tomcat.getConnector().setProperty("address", "127.0.0.1");
    server.tomcat.getConnector().setProperty("maxHttpRequestHeaderSize", "65536");
    server.tomcat.getConnector().setProperty("maxHttpResponseHeaderSize", "65536");
    var context = server.tomcat.addContext("", null);
    Tomcat.addServlet(context, "app", server.new App());
    context.addServletMappingDecoded("/*", "app");
    new TomcatAdapter().wrap(server.tomcat, services);
    server.tomcat.start();
    return server;
  }

  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  List<Answer.Got> take(String id, String cluster) {
    Answer.Got one = got.remove(id);
    return one == null
        ? List.of()
        : List.of(new Answer.Got(cluster, one.method(), one.path(), one.host(), one.headers()));
  }

  @Override
  public void close() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  private final class App extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      request.getInputStream().readAllBytes();
      List<String> headers = new ArrayList<>();
      for (String name : java.util.Collections.list(request.getHeaderNames())) {
        for (String value : java.util.Collections.list(request.getHeaders(name))) {
          headers.addAll(List.of(name, value));
        }
      }
      String query = request.getQueryString();
      String path = request.getRequestURI() + (query == null ? "" : "?" + query);
      got.put(
          request.getHeader(Asked.ID),
          Upstreams.got("", request.getMethod(), path, request.getHeader("host"), headers));
      String word = Script.word(request.getHeader(Asked.SCRIPT), 0);
      int status = Script.status(word);
      response.setStatus(status);
      List<String> scripted = Script.headers(word);
      for (int i = 0; i < scripted.size(); i += 2) {
        response.addHeader(scripted.get(i), scripted.get(i + 1));
      }
      if (!Script.bodiless(request.getMethod(), status)) {
        response.getOutputStream().write(Script.BODY.getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
