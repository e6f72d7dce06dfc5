package io.inmesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code inmesh check} with what sidecars have. The dumps are made of recorded conversations of
 * istiod and Kuma (dumps/README.md).
 */
class CheckDumpTest {
  @TempDir Path directory;

  private static Map<String, @Nullable Object> service(Object workload, String name) {
    for (Object service : Json.list(Json.get(workload, "services"))) {
      if (Json.string(Json.get(service, "service")).equals(name)) {
        return Json.map(service);
      }
    }
    throw new AssertionError("no service " + name + " in " + workload);
  }

  private static Object workload(Run run) {
    Object first = Json.list(Json.get(Json.parse(run.out()), "workloads")).get(0);
    return java.util.Objects.requireNonNull(first);
  }

  private static String verdict(Object workload, String service) {
    return Json.string(service(workload, service).get("verdict"));
  }

  @Test
  void aPlainWorkloadOfIstioGetsThroughWithItsExceptionsNamed() {
    Run run = Run.of("check", Run.resource("dumps/plain.json"));
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .startsWith("storefront-a.shop\n")
        .contains("7 listeners, 3 route tables, 13 clusters, 9 load assignments")
        .containsPattern("\nready (except)? +reviews.shop\n")
        .doesNotContain("not ready")
        .doesNotContain("\u001b[");
    assertThat(run.out().lines().skip(2))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }

  @Test
  void whatInmeshWouldRefuseIsNotReadyForTheServicesThatGoThroughIt() {
    Run run = Run.of("check", "-o", "json", Run.resource("dumps/envoyfilter.json"));
    assertThat(run.code()).isEqualTo(1);
    Object workload = workload(run);
    assertThat(Json.string(Json.get(workload, "verdict"))).isEqualTo("not ready");
    // an ECDS filter stands in the listener of port 8080, Lua in the inbound one
    assertThat(verdict(workload, "reviews.shop.svc.cluster.local")).isEqualTo("not ready");
    assertThat(verdict(workload, "inbound")).isEqualTo("not ready");
    assertThat(verdict(workload, "ledger.shop.svc.cluster.local")).isEqualTo("ready except");
    assertThat(service(workload, "inbound").toString())
        .contains("envoy.extensions.filters.http.lua.v3.Lua")
        .contains("(403)");
  }

  @Test
  void theListsOfIstioctlAreReadTogether() {
    Run dump = Run.of("check", "-o", "json", Run.resource("dumps/envoyfilter.json"));
    Run lists =
        Run.of(
            "check",
            "-o",
            "json",
            Run.resource("dumps/istioctl-clusters.json"),
            Run.resource("dumps/istioctl-listeners.json"),
            Run.resource("dumps/istioctl-routes.json"));
    assertThat(lists.code()).isEqualTo(1);
    assertThat(verdicts(workload(lists))).isEqualTo(verdicts(workload(dump)));
  }

  private static Map<String, String> verdicts(Object workload) {
    Map<String, String> verdicts = new LinkedHashMap<>();
    for (Object service : Json.list(Json.get(workload, "services"))) {
      verdicts.put(
          Json.string(Json.get(service, "service")), Json.string(Json.get(service, "verdict")));
    }
    return verdicts;
  }

  @Test
  void kumasSidecarsAreUnderstoodAsWell() {
    Run run = Run.of("check", "-o", "json", Run.resource("dumps/kuma.json"));
    Object workload = workload(run);
    assertThat(Json.string(Json.get(workload, "workload"))).isEqualTo("default.web-dns-01");
    assertThat(Json.list(Json.get(workload, "services")).size()).isGreaterThan(3);
    assertThat(Json.list(Json.get(workload, "unreadable"))).isEmpty();
  }

  @Test
  void whatARealEnvoyPrintsIsReadAsItIs() {
    Run run = Run.of("check", Run.resource("dumps/envoy-1.40.json"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("storefront-1\n")
        .contains("2 listeners, 3 clusters, 4 load assignments")
        .containsPattern("not ready +inbound\n +! Lua: not implemented \\(403\\)")
        .containsPattern("not ready +ratings\n +! health_checks: .* \\(503\\)")
        .containsPattern("\nready( except)? +reviews\n")
        .doesNotContain("sidecar-own");
  }

  @Test
  void aFieldThatNobodyKnowsIsNamedAndNotLeftOut() throws IOException {
    String text = Files.readString(Path.of(Run.resource("dumps/plain.json")));
    Path file = directory.resolve("newer.json");
    Files.writeString(
        file, text.replace("\"lbPolicy\":", "\"brandNewField\":{\"a\":1},\"lbPolicy\":"));
    Run run = Run.of("check", "--verbose", file.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("Cluster.brandNewField: newer than the messages known here");
    // where it might protect or decide, the compilers refuse, as they would in a process
    assertThat(run.out()).containsPattern("! a field: (are|is) newer than this runtime");
  }

  @Test
  void whatEnvoyWouldNotAcceptIsSaidWithItsPlace() throws IOException {
    String text = Files.readString(Path.of(Run.resource("dumps/plain.json")));
    Path file = directory.resolve("bad.json");
    Files.writeString(
        file, text.replaceFirst("\"connectTimeout\":\"10s\"", "\"connectTimeout\":10"));
    Run run = Run.of("check", file.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("cannot be read").contains("connect_timeout");
  }
}
