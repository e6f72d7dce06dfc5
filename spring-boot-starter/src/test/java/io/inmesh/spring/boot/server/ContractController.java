package io.inmesh.spring.boot.server;

import io.inmesh.call.CurrentCall;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.conformance.ServerUnderTest.Application;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** The contract's application behind Spring MVC. */
@Controller
class ContractController {
  private final Application application;

  ContractController(Application application) {
    this.application = application;
  }

  @RequestMapping("/**")
  ResponseEntity<byte[]> all(HttpServletRequest request) throws Exception {
    ServerUnderTest.Response answer = application.serve(seen(request));
    HttpHeaders headers = new HttpHeaders();
    answer.headers().forEach(headers::set);
    return ResponseEntity.status(answer.status()).headers(headers).body(answer.body().getBytes());
  }

  private static ServerUnderTest.Request seen(HttpServletRequest request) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    request
        .getHeaderNames()
        .asIterator()
        .forEachRemaining(
            name -> headers.put(name.toLowerCase(Locale.ROOT), request.getHeader(name)));
    String query = request.getQueryString();
    return new ServerUnderTest.Request(
        request.getMethod(),
        request.getRequestURI() + (query == null ? "" : "?" + query),
        headers,
        request.getScheme(),
        request.isSecure(),
        request.getAttribute("io.inmesh.peer"),
        CurrentCall.context(),
        request.getInputStream().readAllBytes().length);
  }
}
