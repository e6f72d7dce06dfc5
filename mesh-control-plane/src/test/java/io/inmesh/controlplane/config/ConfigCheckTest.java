package io.inmesh.controlplane.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files looked at without putting them in force: every object's first mistake, with its place. */
class ConfigCheckTest {
  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: %s, namespace: shop}
      spec:
        hosts: [%s]
        ports: [{number: 8080, name: http, protocol: HTTP}]
        resolution: STATIC
      """;

  private static String service(String name, String host) {
    return SERVICE.formatted(name, host);
  }

  @Test
  void everyDocumentHasItsOwnRefusal() {
    String text =
        service("a", "a.shop.svc.cluster.local").replace("STATIC", "MAGIC")
            + "---\n"
            + service("b", "b.shop.svc.cluster.local")
            + "---\n"
            + service("c", "c.shop.svc.cluster.local").replace("number: 8080", "nmber: 8080");
    ConfigCheck.Result result = ConfigCheck.of(Map.of("mesh.yaml", text));
    assertThat(result.objects()).isEqualTo(1);
    assertThat(result.refused()).extracting(ConfigRefused::line).containsExactly(7, 22);
    assertThat(result.refused().get(0)).hasMessageStartingWith("mesh.yaml:7: spec.resolution:");
  }

  @Test
  void objectsOfDifferentFilesThatCannotBothBeInForceAreNamed() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("one.yaml", service("a", "a.shop.svc.cluster.local"));
    texts.put("two.yaml", service("again", "a.shop.svc.cluster.local"));
    ConfigCheck.Result result = ConfigCheck.of(texts);
    assertThat(result.refused())
        .singleElement()
        .satisfies(
            refused ->
                assertThat(refused)
                    .hasMessageStartingWith("two.yaml:1: ")
                    .hasMessageContaining("ServiceEntry shop/a (one.yaml:1)"));
  }

  @Test
  void whatIsNotYamlIsSaidWithItsLine() {
    ConfigCheck.Result result =
        ConfigCheck.of(Map.of("bad.yaml", service("a", "a.shop") + "---\nkind: [\n"));
    assertThat(result.refused())
        .singleElement()
        .satisfies(
            refused ->
                assertThat(refused.getMessage()).startsWith("bad.yaml:").contains("not YAML"));
  }
}
