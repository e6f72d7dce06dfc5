package io.inmesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inmesh check} with Istio YAML. */
class CheckYamlTest {
  @TempDir Path directory;

  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        ports: [{number: 8080, name: http, protocol: HTTP}]
        resolution: STATIC
      """;
  private static final String ROUTE =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        http:
        - timeout: 3s
          route: [{destination: {host: reviews.shop.svc.cluster.local}}]
      """;

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void goodFilesAreCountedTogether() throws IOException {
    Run run = Run.of("check", file("services.yaml", SERVICE), file("routes.yaml", ROUTE));
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("2 objects in 2 files can be used, 0 refusals, 0 warnings\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aMistakeIsNamedWithFileLineAndField() throws IOException {
    String bad = file("routes.yaml", ROUTE.replace("3s", "3 seconds"));
    Run run = Run.of("check", file("services.yaml", SERVICE), bad);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).startsWith("refused  " + bad + ":7: spec.http[0].timeout: ");
  }

  @Test
  void warningsCountOnlyWhenStrict() throws IOException {
    String lonely = file("routes.yaml", ROUTE);
    assertThat(Run.of("check", lonely).code()).isZero();
    Run strict = Run.of("check", "--strict", lonely);
    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.out()).contains("warning  " + lonely + ":1: ").contains("no ServiceEntry");
  }

  @Test
  void aFolderIsItsFiles() throws IOException {
    file("a.yaml", SERVICE);
    file("b.yml", ROUTE);
    file("notes.txt", "not looked at");
    Run run = Run.of("check", directory.toString());
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("2 objects in 2 files");
  }

  @Test
  void asJsonForOtherTools() throws IOException {
    Run run = Run.of("check", "-o", "json", file("r.yaml", ROUTE.replace("3s", "3 seconds")));
    Object refused =
        Json.list(Json.get(Json.get(Json.parse(run.out()), "istio"), "refused")).get(0);
    assertThat(Json.string(Json.get(refused, "line"))).isEqualTo("7");
    assertThat(Json.string(Json.get(refused, "path"))).isEqualTo("spec.http[0].timeout");
  }

  @Test
  void whatCannotBeReadIsNotAFinding() throws IOException {
    Run missing = Run.of("check", directory.resolve("none.yaml").toString());
    assertThat(missing.code()).isEqualTo(4);
    assertThat(missing.err())
        .isEqualTo("inmesh: no such file: " + directory.resolve("none.yaml") + "\n");
    Run empty = Run.of("check", directory.toString());
    assertThat(empty.code()).isEqualTo(4);
    assertThat(empty.err()).contains("has no *.yaml");
    Run other = Run.of("check", file("package.json", "{\"name\": \"x\"}"));
    assertThat(other.code()).isEqualTo(4);
    assertThat(other.err()).contains("neither a config dump");
    Run broken = Run.of("check", file("broken.json", "{\"configs\": ["));
    assertThat(broken.code()).isEqualTo(4);
    assertThat(broken.err()).contains("broken.json: ");
  }
}
