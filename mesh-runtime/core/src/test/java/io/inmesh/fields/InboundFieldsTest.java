package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listeners, filter chains and connection managers of served requests. */
class InboundFieldsTest {
  private static final Connection PLAIN =
      Connection.plaintext("10.0.0.9", 8080, "10.0.0.7", 40_000);
  private static final Connection MTLS =
      new Connection(
          "10.0.0.9",
          8080,
          "10.0.0.7",
          40_000,
          true,
          "outbound_.8080_._.reviews",
          List.of("istio"),
          List.of("spiffe://c/ns/shop/sa/ann"),
          List.of("ann.example"),
          "CN=ann",
          "abc123",
          "spiffe://c/ns/shop/sa/reviews",
          1);
  private static final String ROUTES =
      "'route_config': {'name': 'inbound', 'validate_clusters': false, 'virtual_hosts': [{'name':"
          + " 'all', 'domains': ['*'], 'routes': [{'match': {'prefix': '/'}, 'route': {'cluster':"
          + " 'inbound'}}]}]}";

  private final Configured mesh = new Configured();

  InboundFieldsTest() {
    mesh.wholeCluster("inbound", "'type': 'ORIGINAL_DST', 'lb_policy': 'CLUSTER_PROVIDED'");
  }

  private static String chain(String name, String json) {
    return "{'name': '"
        + name
        + "', 'filters': ["
        + Configured.managerFilter(ROUTES)
        + "]"
        + (json.isEmpty() ? "" : ", " + json)
        + "}";
  }

  private Configured listener(String json, String... chains) {
    return mesh.listener(
        "virtualInbound",
        "'traffic_direction': 'INBOUND', 'use_original_dst': true, 'address': {'socket_address':"
            + " {'address': '0.0.0.0', 'port_value': 15006}}, 'listener_filters': [{'name': 't',"
            + " 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'}}],"
            + " 'filter_chains': ["
            + String.join(",", chains)
            + "]"
            + (json.isEmpty() ? "" : ", " + json));
  }

  private Configured manager(String json) {
    return listener(
        "",
        "{'name': 'all', 'filters': ["
            + Configured.managerFilter(ROUTES + (json.isEmpty() ? "" : ", " + json))
            + "]}");
  }

  // ---- filter chains

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'prefix_ranges': [{'address_prefix': '10.0.0.9', 'prefix_len': 32}] | 10.0.0.9 | 1.1.1.1 | | special",
        "'prefix_ranges': [{'address_prefix': '10.0.0.9', 'prefix_len': 32}] | 10.0.0.8 | 1.1.1.1 | | any",
        "'source_prefix_ranges': [{'address_prefix': '10.7.0.0', 'prefix_len': 16}] | 10.0.0.9 | 10.7.1.1 | | special",
        "'source_prefix_ranges': [{'address_prefix': '10.7.0.0', 'prefix_len': 16}] | 10.0.0.9 | 10.8.1.1 | | any",
        "'direct_source_prefix_ranges': [{'address_prefix': '10.7.0.0', 'prefix_len': 16}] | 10.0.0.9 | 10.7.1.1 | | special",
        "'direct_source_prefix_ranges': [{'address_prefix': '10.7.0.0', 'prefix_len': 16}] | 10.0.0.9 | 10.8.1.1 | | any",
        "'source_type': 'SAME_IP_OR_LOOPBACK' | 10.0.0.9 | 10.0.0.9 | | special",
        "'source_type': 'SAME_IP_OR_LOOPBACK' | 10.0.0.9 | 127.0.0.1 | | special",
        "'source_type': 'SAME_IP_OR_LOOPBACK' | 10.0.0.9 | 10.0.0.1 | | any",
        "'source_type': 'EXTERNAL' | 10.0.0.9 | 10.0.0.1 | | special",
        "'source_type': 'EXTERNAL' | 10.0.0.9 | 10.0.0.9 | | any",
        "'server_names': ['a.example'] | 10.0.0.9 | 1.1.1.1 | a.example | special",
        "'server_names': ['*.example'] | 10.0.0.9 | 1.1.1.1 | b.example | special",
        "'server_names': ['a.example'] | 10.0.0.9 | 1.1.1.1 | b.example | any",
      })
  void aConnectionMeetsTheChainThatItMatches(
      String match, String local, String remote, @Nullable String sni, String chain) {
    listener("", chain("special", "'filter_chain_match': {" + match + "}"), chain("any", ""));
    ConnectionFacts facts =
        new ConnectionFacts(local, 8080, remote, sni != null, sni == null ? "" : sni, List.of());
    InboundChain found = mesh.tables().inbound().find(facts);
    assertThat(found).isNotNull();
    assertThat(found.name()).isEqualTo("virtualInbound/" + chain);
  }

  @Test
  void whatNoChainMatchesMeetsTheDefaultChain() {
    String other = chain("other", "'filter_chain_match': {'destination_port': 9999}");
    listener("", other);
    mesh.inbound(PLAIN, "/").next(Command.Reply.class);
    listener("'default_filter_chain': " + chain("default", ""), other);
    Driven call = mesh.inbound(PLAIN, "/");
    call.next(Command.Dispatch.class);
    assertThat(call.outcome().listener()).isEqualTo("virtualInbound/default");
  }

  @Test
  void chainsBySourcePortAreRefusedSinceTheyCannotBeChosen() {
    listener(
        "", chain("special", "'filter_chain_match': {'source_ports': [40000]}"), chain("any", ""));
    Driven call = mesh.inbound(PLAIN, "/");
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(403);
    assertThat(call.outcome().details()).contains("source_ports");
  }

  // ---- connection managers

  private Headers dispatched(Connection from, String... headers) {
    return mesh.inbound(from, "/", headers).next(Command.Dispatch.class).head().headers();
  }

  @ParameterizedTest
  @CsvSource({
    "SANITIZE, ",
    "FORWARD_ONLY, By=before",
    "ALWAYS_FORWARD_ONLY, By=before",
    "APPEND_FORWARD, 'By=before,By=spiffe://c/ns/shop/sa/reviews;Hash=abc123'",
    "SANITIZE_SET, By=spiffe://c/ns/shop/sa/reviews;Hash=abc123"
  })
  void theCallersCertificateIsForwardedAsToldTo(String mode, @Nullable String value) {
    manager("'forward_client_cert_details': '" + mode + "'");
    assertThat(
            dispatched(MTLS, "x-forwarded-client-cert", "By=before")
                .first("x-forwarded-client-cert"))
        .isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "'subject': true, ;Subject=\"CN=ann\"",
        "'uri': true, ;URI=spiffe://c/ns/shop/sa/ann",
        "'dns': true, ;DNS=ann.example"
      })
  void partsOfTheCertificateAreForwardedWhenAskedFor(String field, String more) {
    manager(
        "'forward_client_cert_details': 'SANITIZE_SET', 'set_current_client_cert_details': {"
            + field
            + "}");
    assertThat(dispatched(MTLS).first("x-forwarded-client-cert"))
        .isEqualTo("By=spiffe://c/ns/shop/sa/reviews;Hash=abc123" + more);
  }

  @Test
  void aRequestGetsAnIdUnlessToldNot() {
    manager("");
    assertThat(dispatched(PLAIN).first("x-request-id")).hasSize(36);
    manager("'generate_request_id': false");
    assertThat(dispatched(PLAIN).contains("x-request-id")).isFalse();
  }

  @Test
  void responsesSayWhoServesAsToldTo() {
    manager("");
    assertThat(server()).isEqualTo("envoy");
    manager("'server_name': 'istio-envoy'");
    assertThat(server()).isEqualTo("istio-envoy");
    manager("'server_name': 'istio-envoy', 'server_header_transformation': 'PASS_THROUGH'");
    assertThat(server()).isEqualTo("tomcat");
  }

  private @Nullable String server() {
    Driven call = mesh.inbound(PLAIN, "/");
    call.next(Command.Dispatch.class);
    call.on(new Event.AppHead(new ResponseHead(200, Headers.of("server", "tomcat"))));
    return call.response().headers().first("server");
  }

  @Test
  void headsThatAreTooLargeAreRefusedInBothDirections() {
    String large = "x".repeat(2000);
    manager("'max_request_headers_kb': 1");
    Driven served = mesh.inbound(PLAIN, "/", "x-large", large);
    assertThat(served.response().status()).isEqualTo(431);
    assertThat(served.outcome().details()).isEqualTo("request_headers_too_large");
    dispatched(PLAIN, "x-large", large.substring(0, 500));
    manager("'max_request_headers_kb': 2");
    dispatched(PLAIN, "x-large", large);

    mesh.manager("'max_request_headers_kb': 1");
    Driven sent = mesh.get("/", "x-large", large);
    assertThat(sent.response().status()).isEqualTo(431);
    assertThat(sent.outcome().flags().toString()).isEqualTo("DPE");
    mesh.manager("");
    mesh.get("/", "x-large", large.repeat(20)).start();
    assertThat(mesh.get("/", "x-large", large.repeat(40)).response().status())
        .as("60 KiB unless said")
        .isEqualTo(431);
  }

  @Test
  void onlyUpgradesThatAreAllowedAreForwarded() {
    String[] upgrade = {"connection", "Upgrade", "upgrade", "websocket"};
    manager("");
    assertThat(dispatched(PLAIN, upgrade).contains("upgrade")).isFalse();
    manager("'upgrade_configs': [{'upgrade_type': 'websocket'}]");
    assertThat(dispatched(PLAIN, upgrade).first("upgrade")).isEqualTo("websocket");
    manager("'upgrade_configs': [{'upgrade_type': 'websocket', 'enabled': false}]");
    assertThat(dispatched(PLAIN, upgrade).contains("upgrade")).isFalse();
  }
}
