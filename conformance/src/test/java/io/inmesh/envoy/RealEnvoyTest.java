package io.inmesh.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealEnvoyTest {
  private static final String HCM =
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  @TempDir Path work;

  private String bootstrap(String body) {
    return """
        {"static_resources": {"listeners": [{"name": "front",
          "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
          "filter_chains": [{"filters": [{"name": "hcm", "typed_config": {"@type": "%s",
            "stat_prefix": "front",
            "access_log": [{"name": "log", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
              "path": "%s", "log_format": {"text_format_source": {"inline_string": "%%RESPONSE_CODE%%\\n"}}}}],
            "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
              {"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {%s}}}]}]},
            "http_filters": [{"name": "router", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}]}]}]}}
        """
        .formatted(HCM, RealEnvoy.accessLog(work), body);
  }

  @Test
  void itServesAndTellsPortsAndCounters() throws Exception {
    ProcessHandle handle;
    try (RealEnvoy envoy = RealEnvoy.start(bootstrap("\"inline_string\": \"hello\""), work)) {
      handle = ProcessHandle.current().descendants().findFirst().orElseThrow();
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + envoy.port("front")))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());

      assertThat(answer.body()).isEqualTo("hello");
      assertThat(envoy.stat("http.front.downstream_rq_2xx")).isEqualTo(1);
      assertThat(envoy.admin("/server_info")).contains("/1.40.0/");
    }
    assertThat(Files.readString(RealEnvoy.accessLog(work))).isEqualTo("200\n");
    assertThat(handle.onExit().get().isAlive()).isFalse();
  }

  @Test
  void whatItRefusesItRefusesInItsOwnWords() {
    EnvoyBinary.require();
    assertThatThrownBy(() -> RealEnvoy.start(bootstrap("\"no_such_field\": 1"), work))
        .isInstanceOf(EnvoyRefusedException.class)
        .hasMessageContaining("no_such_field");
  }
}
