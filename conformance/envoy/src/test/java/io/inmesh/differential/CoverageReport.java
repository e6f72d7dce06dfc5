package io.inmesh.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code target/differential-coverage.md}: which enforced field is judged by Envoy, which how else.
 */
final class CoverageReport {
  /** Messages that decide over a request. */
  private static final List<String> DECIDING =
      List.of(
          "envoy.config.route.v3.",
          "envoy.config.rbac.v3.",
          "envoy.config.common.mutation_rules.v3.",
          "envoy.extensions.filters.http.rbac.v3.",
          "envoy.extensions.filters.http.header_mutation.v3.",
          "envoy.extensions.filters.http.router.v3.",
          "envoy.extensions.filters.network.http_connection_manager.v3.",
          "envoy.extensions.path.match.",
          "envoy.config.core.v3.HeaderValue",
          "envoy.config.core.v3.CidrRange",
          "envoy.config.core.v3.DataSource",
          "envoy.config.core.v3.RuntimeFractionalPercent",
          "envoy.type.");

  /**
   * Of those, what is not a matter of one request and one answer, or needs TLS, time or several
   * hosts: the ledger's own test of each field shows it.
   */
  private static final List<String> ELSEWHERE = List.of(Elsewhere.FIELDS);

  /** Matchers that never say no; a numerator of 0, which does, is not in the message. */
  static final List<String> ALWAYS =
      List.of(
          "envoy.config.rbac.v3.Permission.any",
          "envoy.config.rbac.v3.Principal.any",
          "envoy.type.v3.FractionalPercent.numerator");

  private CoverageReport() {}

  /** Enforced fields that this suite judges, and the ledger's tests for them. */
  static Map<String, String> decided() throws IOException {
    Map<String, String> fields = new TreeMap<>(LedgerFields.enforced());
    fields.keySet().removeIf(field -> DECIDING.stream().noneMatch(field::startsWith));
    fields.keySet().removeIf(field -> ELSEWHERE.stream().anyMatch(field::startsWith));
    return fields;
  }

  static void write(String summary, Coverage coverage) throws IOException {
    StringBuilder text = new StringBuilder("# Judged by Envoy, field by field\n\n");
    text.append(summary).append("\n\n| field | took part, matched | did not |\n|---|---|---|\n");
    Map<String, String> decided = decided();
    for (String field : decided.keySet()) {
      Coverage.Count count = coverage.counts().getOrDefault(field, new Coverage.Count());
      text.append("| ").append(field).append(" | ").append(count.yes).append(" | ");
      text.append(count.no).append(" |\n");
    }
    text.append("\n## Shown by other suites\n\n| field | tests |\n|---|---|\n");
    LedgerFields.enforced()
        .forEach(
            (field, tests) -> {
              if (!decided.containsKey(field)) {
                text.append("| ").append(field).append(" | ").append(tests).append(" |\n");
              }
            });
    Path target = Path.of("target");
    Files.createDirectories(target);
    Files.writeString(target.resolve("differential-coverage.md"), text.toString());
  }
}
