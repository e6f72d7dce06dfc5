package io.inmesh.cli.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reasons by service, each once. */
final class Reasons {
  private final Map<String, Map<String, Reason>> byService = new LinkedHashMap<>();

  /** The service is known from then on, even without a reason. */
  void add(String service, List<Reason> reasons) {
    Map<String, Reason> own = byService.computeIfAbsent(service, s -> new LinkedHashMap<>());
    reasons.forEach(reason -> own.putIfAbsent(reason.key(), reason));
  }

  /** The workload's own ports first, what is not in the mesh last. */
  List<String> services() {
    return byService.keySet().stream()
        .sorted(Comparator.comparingInt(Reasons::rank).thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static int rank(String service) {
    return switch (service) {
      case DumpCheck.INBOUND -> 0;
      case DumpCheck.OTHERS -> 2;
      default -> 1;
    };
  }

  /** The worst first. */
  List<Reason> of(String service) {
    List<Reason> all = new ArrayList<>();
    Map<String, Reason> own = byService.getOrDefault(service, Map.of());
    for (Reason reason : own.values()) {
      if (own.values().stream().noneMatch(other -> says(other, reason))) {
        all.add(reason);
      }
    }
    all.sort(Comparator.comparing(Reason::verdict).reversed());
    return List.copyOf(all);
  }

  /** The compiler's word on a field makes the ledger's superfluous, and that on its parts. */
  private static boolean says(Reason compiler, Reason ledger) {
    String field = ledger.field();
    return compiler != ledger
        && compiler.verdict() == Verdict.NOT_READY
        && ledger.verdict().compareTo(compiler.verdict()) <= 0
        && !field.isEmpty()
        && (compiler.field().equals(field)
            ? refuses(compiler) && !refuses(ledger)
            : compiler.field().contains(field)
                || field.startsWith(compiler.field() + ".")
                || ("." + compiler.field() + ".")
                    .contains(field.substring(field.lastIndexOf('.')) + "."));
  }

  /** Only the compilers say with which status. */
  private static boolean refuses(Reason reason) {
    return reason.text().endsWith("(403)") || reason.text().endsWith("(503)");
  }
}
