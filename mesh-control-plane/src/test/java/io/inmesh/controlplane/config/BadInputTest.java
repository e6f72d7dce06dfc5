package io.inmesh.controlplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kind of badness is refused with file, line, path and reason. */
class BadInputTest {
  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        ports:
        - {number: 8080, name: http, protocol: HTTP}
        location: MESH_INTERNAL
        resolution: STATIC
        workloadSelector: {labels: {app: reviews}}
      """;
  private static final String SIDECAR =
      """
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: reviews, namespace: shop}
      spec:
        egress:
        - {port: {number: 9000, name: a, protocol: HTTP}, hosts: ["./*"]}
        - hosts: ["pay/*"]
          captureMode: DEFAULT
      """;
  private static final String ROUTES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews]
        http:
        - route:
          - destination: {host: reviews, subset: v1}
            weight: 90
          - destination: {host: reviews, subset: v2}
            weight: 10
      """;
  private static final String RULE =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: reviews, namespace: shop}
      spec:
        host: reviews
        trafficPolicy:
          outlierDetection: {consecutive5xxErrors: 3}
      """;
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: reviews, namespace: shop}
      spec:
        action: ALLOW
        rules:
        - from:
          - source: {principals: [cluster.local/ns/shop/sa/storefront]}
          to:
          - operation: {methods: [GET]}
      """;
  private static final String PEERS =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      """;

  @TempDir Path directory;

  static Stream<Arguments> documents() {
    return Stream.of(
        bad(
            "broken YAML",
            SERVICE.replace("hosts: [", "hosts: [["),
            "bad.yaml:6: this is not YAML: "),
        bad("not a mapping", "- a\n- b\n", "bad.yaml:1: a mapping is needed here, this is a list"),
        bad(
            "unknown kind",
            SERVICE.replace("kind: ServiceEntry", "kind: Gateway"),
            "bad.yaml:2: kind: kind Gateway is not implemented"),
        bad(
            "foreign apiVersion",
            SERVICE.replace("networking.istio.io/v1", "networking.istio.io/v2"),
            "bad.yaml:1: apiVersion: apiVersion of a ServiceEntry must be one of"),
        bad(
            "no name",
            SERVICE.replace("name: reviews, namespace", "namespace"),
            "bad.yaml:3: metadata: the field \"name\" is missing"),
        bad(
            "unknown field",
            SERVICE.replace("location:", "locatoin:"),
            "bad.yaml:8: spec.locatoin: unknown field"),
        bad(
            "unknown field of a port",
            SERVICE.replace("protocol: HTTP", "protocol: HTTP, appProtocol: http"),
            "bad.yaml:7: spec.ports[0].appProtocol: unknown field; known here: name, number, protocol, targetPort"),
        bad(
            "unknown location",
            SERVICE.replace("MESH_INTERNAL", "MESH"),
            "bad.yaml:8: spec.location: \"MESH\" is not one of"),
        bad(
            "workloads of a host that DNS resolves",
            SERVICE.replace("STATIC", "DNS"),
            "bad.yaml:10: spec.workloadSelector: needs resolution: STATIC"),
        bad(
            "a block of addresses of a service with endpoints",
            SERVICE.replace("  location", "  addresses: [10.0.0.0/8]\n  location"),
            "bad.yaml:8: spec.addresses[0]: \"10.0.0.0/8\" is not an IP address"),
        bad(
            "Sidecar: two listeners on a port",
            SIDECAR.replace(
                "  - hosts:", "  - port: {number: 9000, name: b, protocol: HTTP}\n    hosts:"),
            "bad.yaml:7: spec.egress[1]: port 9000 is given twice"),
        bad(
            "Sidecar: a listener behind the one for the rest",
            SIDECAR + "  - hosts: [\"./*\"]\n",
            "bad.yaml:9: spec.egress[2]: a listener without a port takes the rest"),
        bad(
            "Sidecar: a host without a namespace's form",
            SIDECAR.replace("./*", "Shop/*"),
            "bad.yaml:6: spec.egress[0].hosts[0]: \"Shop/*\" is not namespace/host"),
        bad(
            "Sidecar: nowhere to send",
            SIDECAR + "  ingress:\n  - port: {number: 80, name: http, protocol: HTTP}\n",
            "bad.yaml:10: spec.ingress[0]: defaultEndpoint is missing"),
        bad(
            "Sidecar: an egress proxy",
            SIDECAR + "  outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a}}\n",
            "bad.yaml:9: spec.outboundTrafficPolicy.egressProxy: Istio has this field"),
        bad(
            "unimplemented protocol",
            SERVICE.replace("protocol: HTTP", "protocol: MONGO"),
            "bad.yaml:7: spec.ports[0].protocol: protocol \"MONGO\" is not implemented"),
        bad(
            "port out of range",
            SERVICE.replace("8080", "80800"),
            "bad.yaml:7: spec.ports[0].number: 80800 is out of range: 1 to 65535"),
        bad(
            "port as text",
            SERVICE.replace("8080", "\"8080\""),
            "bad.yaml:7: spec.ports[0].number: a whole number is needed here, this is a string"),
        bad(
            "number for a string",
            SERVICE.replace("app: reviews", "app: 7"),
            "bad.yaml:10: spec.workloadSelector.labels.app: a string is needed here, 7 is a number; put it in quotes"),
        bad(
            "the same port twice",
            SERVICE.replace(
                "  location", "  - {number: 8080, name: web, protocol: HTTP}\n  location"),
            "bad.yaml:8: spec.ports[1]: port 8080 is given twice"),
        bad(
            "the same key twice",
            SERVICE.replace(
                "  resolution: STATIC", "  resolution: STATIC\n  location: MESH_INTERNAL"),
            "bad.yaml:10: spec.location: this key is already given in line 8"),
        bad(
            "a field without value",
            SERVICE.replace("resolution: STATIC", "resolution:"),
            "bad.yaml:9: spec.resolution: the field has no value"),
        bad(
            "wildcard host",
            SERVICE.replace("[reviews.shop.svc.cluster.local]", "[\"*.shop.example\"]"),
            "bad.yaml:5: spec.hosts[0]: a wildcard host is only implemented"),
        bad(
            "contradiction",
            SERVICE + "  endpoints: [{address: 127.0.0.1}]\n",
            "contradicts \"endpoints\": only one of them can be given"),
        bad(
            "TCP port without address",
            SERVICE.replace("protocol: HTTP", "protocol: TCP"),
            "bad.yaml:7: spec.ports[0]: a TCP port needs spec.addresses"),
        bad(
            "NUL in a string",
            SERVICE.replace("{app: reviews}", "{app: \"a\\0b\"}"),
            "bad.yaml:10: spec.workloadSelector.labels.app: a string with a NUL, CR or LF character cannot be used here"),
        bad(
            "weights of nothing",
            ROUTES.replace("90", "0").replace("10", "0"),
            "bad.yaml:8: spec.http[0].route: the weights add up to 0"),
        bad(
            "negative weight",
            ROUTES.replace("90", "-1"),
            "bad.yaml:9: spec.http[0].route[0].weight: -1 is out of range"),
        bad(
            "timeout of 0s",
            ROUTES + "    timeout: 0s\n",
            "bad.yaml:12: spec.http[0].timeout: must be at least 1ms"),
        bad(
            "no duration",
            ROUTES + "    timeout: 10 seconds\n",
            "bad.yaml:12: spec.http[0].timeout: \"10 seconds\" is not a duration"),
        bad(
            "route and redirect",
            ROUTES + "    redirect: {uri: /x}\n",
            "bad.yaml:12: spec.http[0].redirect: contradicts \"route\""),
        bad(
            "delegate",
            ROUTES + "    delegate: {name: other}\n",
            "bad.yaml:12: spec.http[0].delegate: Istio has this field, the embedded control plane does not implement it"),
        bad(
            "regular expression",
            ROUTES + "    match: [{uri: {regex: \"/a(b\"}}]\n",
            "bad.yaml:12: spec.http[0].match[0].uri.regex: \"/a(b\" is not an RE2 regular expression: missing closing )"),
        bad(
            "look-ahead is not RE2",
            ROUTES + "    match: [{uri: {regex: \"(?=a)\"}}]\n",
            "is not an RE2 regular expression"),
        bad(
            "two string matches",
            ROUTES + "    match: [{uri: {exact: /a, prefix: /b}}]\n",
            "bad.yaml:12: spec.http[0].match[0].uri.prefix: contradicts \"exact\""),
        bad(
            "retry condition",
            ROUTES + "    retries: {attempts: 1, retryOn: \"5xx,reste\"}\n",
            "bad.yaml:12: spec.http[0].retries.retryOn: \"reste\" is not a retry condition"),
        bad(
            "header name",
            ROUTES + "    headers: {request: {set: {\"x y\": \"1\"}}}\n",
            "\"x y\" is not a header name"),
        bad(
            "header with a line break",
            ROUTES + "    headers: {request: {set: {x: \"a\\r\\nb: c\"}}}\n",
            "bad.yaml:12: spec.http[0].headers.request.set.x: a string with a NUL, CR or LF"),
        bad(
            "a rule that can never be used",
            ROUTES + "  - route: [{destination: {host: reviews}}]\n",
            "bad.yaml:12: spec.http[1]: the rule before this one matches everything"),
        bad(
            "gateway",
            ROUTES.replace("  hosts:", "  gateways: [edge]\n  hosts:"),
            "bad.yaml:5: spec.gateways[0]: only the gateway \"mesh\" is implemented"),
        bad(
            "tls mode",
            RULE.replace("outlierDetection: {consecutive5xxErrors: 3}", "tls: {mode: MUTUAL}"),
            "bad.yaml:7: spec.trafficPolicy.tls.mode: MUTUAL needs clientCertificate and privateKey"),
        bad(
            "locality settings",
            RULE.replace(
                "outlierDetection: {consecutive5xxErrors: 3}",
                "loadBalancer: {localityLbSetting: {enabled: true}}"),
            "bad.yaml:7: spec.trafficPolicy.loadBalancer.localityLbSetting: Istio has this field"),
        bad(
            "percentage",
            RULE.replace("consecutive5xxErrors: 3", "maxEjectionPercent: 101"),
            "bad.yaml:7: spec.trafficPolicy.outlierDetection.maxEjectionPercent: 101 is out of range"),
        bad(
            "CUSTOM",
            POLICY.replace("ALLOW", "CUSTOM"),
            "bad.yaml:5: spec.action: CUSTOM asks an external authorizer"),
        bad(
            "unknown action",
            POLICY.replace("ALLOW", "PERMIT"),
            "bad.yaml:5: spec.action: \"PERMIT\" is not one of [ALLOW, DENY, AUDIT]"),
        bad(
            "two wildcards",
            POLICY.replace("cluster.local/ns/shop/sa/storefront", "\"*a*\""),
            "bad.yaml:8: spec.rules[0].from[0].source.principals[0]: a * can stand at the start or at the end"),
        bad(
            "misspelt operation",
            POLICY.replace("methods", "method"),
            "bad.yaml:10: spec.rules[0].to[0].operation.method: unknown field"),
        bad(
            "unimplemented source",
            POLICY.replace("principals:", "requestPrincipals:"),
            "bad.yaml:8: spec.rules[0].from[0].source.requestPrincipals: Istio has this field"),
        bad(
            "CIDR",
            POLICY.replace(
                "principals: [cluster.local/ns/shop/sa/storefront]", "ipBlocks: [10.0.0.0/33]"),
            "\"10.0.0.0/33\" is not an IP address or CIDR block"),
        bad(
            "condition",
            POLICY + "    when: [{key: \"request.auth.claims[iss]\", values: [a]}]\n",
            "bad.yaml:11: spec.rules[0].when[0].key: the condition \"request.auth.claims[iss]\" is not implemented"),
        bad(
            "dry run",
            POLICY.replace(
                "namespace: shop}", "namespace: shop, annotations: {istio.io/dry-run: \"true\"}}"),
            "bad.yaml:3: metadata.annotations.istio.io/dry-run: the annotation istio.io/dry-run has a meaning that is not implemented here"),
        bad(
            "mtls mode",
            PEERS.replace("STRICT", "MUTUAL"),
            "bad.yaml:4: spec.mtls.mode: \"MUTUAL\" is not one of [UNSET, DISABLE, PERMISSIVE, STRICT]"),
        bad(
            "port level without selector",
            PEERS.replace("spec: {", "spec: {portLevelMtls: {8080: {mode: DISABLE}}, "),
            "bad.yaml:4: spec.portLevelMtls: portLevelMtls needs a selector"),
        bad(
            "the same object twice",
            PEERS + "---\n" + PEERS,
            "bad.yaml:6: PeerAuthentication shop/default is already given in line 1"),
        bad(
            "the second of two documents",
            PEERS + "---\n" + ROUTES.replace("http:", "htp:"),
            "bad.yaml:10: spec: the field \"http\" is missing"));
  }

  private static Arguments bad(String name, String text, String message) {
    return Arguments.of(name, text, message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void isRefusedWithPlaceAndReason(String name, String text, String message) throws Exception {
    Files.writeString(directory.resolve("bad.yaml"), text);
    ConfigDirectory.Scan scan =
        new ConfigDirectory(directory, directory.resolve("last-good")).scan();
    assertThat(scan.applied()).isEmpty();
    assertThat(scan.config().objects()).isEmpty();
    assertThat(scan.refused()).hasSize(1);
    assertThat(scan.refused().get(0))
        .hasMessageStartingWith("bad.yaml:")
        .hasMessageContaining(message);
  }

  @Test
  void theGoodOnesAreGood() throws Exception {
    Files.writeString(
        directory.resolve("good.yaml"), String.join("---\n", SERVICE, ROUTES, RULE, POLICY, PEERS));
    ConfigDirectory.Scan scan =
        new ConfigDirectory(directory, directory.resolve("last-good")).scan();
    assertThat(scan.refused()).isEmpty();
    assertThat(scan.config().objects()).hasSize(5);
  }

  @Test
  void whatIsNotTextIsRefused() throws Exception {
    Files.write(directory.resolve("bytes.yaml"), new byte[] {(byte) 0xc3, 0x28});
    assertThat(
            new ConfigDirectory(directory, directory.resolve("last-good")).scan().refused().get(0))
        .hasMessage("bytes.yaml:0: the file is not UTF-8 text");
  }

  @Test
  void aliasBombsAndEndlessAnchorsDoNotKillTheProcess() throws Exception {
    Files.writeString(directory.resolve("loop.yaml"), "&a [*a]\n");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ",").repeat(10)).append("x]\n");
    }
    Files.writeString(directory.resolve("bomb.yaml"), bomb);
    assertThat(new ConfigDirectory(directory, directory.resolve("last-good")).scan().refused())
        .hasSize(2);
  }

  @Test
  void twoFilesThatContradictEachOtherTheNewerIsRefusedUntilTheOlderGivesWay() throws Exception {
    ConfigDirectory config = new ConfigDirectory(directory, directory.resolve("last-good"));
    Files.writeString(directory.resolve("b.yaml"), ROUTES);
    config.scan();
    Files.writeString(
        directory.resolve("a.yaml"), ROUTES.replace("name: reviews,", "name: other,"));
    ConfigDirectory.Scan scan = config.scan();
    assertThat(scan.refused().get(0))
        .hasMessage(
            "a.yaml:1: VirtualService shop/other: the host reviews.shop.svc.cluster.local is already described by VirtualService shop/reviews (b.yaml:1)");
    assertThat(scan.config().objects())
        .extracting(object -> object.meta().file())
        .containsExactly("b.yaml");
    assertThat(config.scan().refused()).as("said once").isEmpty();
    Files.delete(directory.resolve("b.yaml"));
    assertThat(config.scan().config().objects())
        .extracting(object -> object.meta().file())
        .containsExactly("a.yaml");
  }

  @Test
  void aFileThatWasGoodKeepsItsStateUntilItIsGoodAgainOrGone() throws Exception {
    ConfigDirectory config = new ConfigDirectory(directory, directory.resolve("last-good"));
    Path file = directory.resolve("a.yaml");
    Files.writeString(file, PEERS);
    List<MeshObject> good = config.scan().config().objects();
    Files.writeString(file, PEERS.replace("STRICT", "STRCT"));
    ConfigDirectory.Scan bad = config.scan();
    assertThat(bad.refused()).hasSize(1);
    assertThat(bad.config().objects()).isEqualTo(good);
    Files.delete(file);
    assertThat(config.scan().config().objects()).isEmpty();
  }

  @Test
  void aFileThatIsBadAtTheNextStartKeepsItsStateAsWell() throws Exception {
    Path file = directory.resolve("a.yaml");
    Files.writeString(file, PEERS);
    ConfigDirectory before = new ConfigDirectory(directory, directory.resolve("last-good"));
    List<MeshObject> good = before.scan().config().objects();
    before.remember();
    Files.writeString(file, PEERS.replace("STRICT", "STRCT"));
    ConfigDirectory after = new ConfigDirectory(directory, directory.resolve("last-good"));
    ConfigDirectory.Scan scan = after.scan();
    assertThat(scan.refused()).hasSize(1);
    assertThat(scan.changed()).isTrue();
    assertThat(scan.config().objects()).isEqualTo(good);
    Files.delete(file);
    after.scan();
    after.remember();
    assertThat(directory.resolve("last-good")).isEmptyDirectory();
  }

  @Test
  void aMissingDirectoryIsSaid() {
    ConfigDirectory config =
        new ConfigDirectory(directory.resolve("absent"), directory.resolve("last-good"));
    assertThat(catchThrowableOfType(java.io.IOException.class, config::scan))
        .hasMessageContaining("absent");
  }
}
