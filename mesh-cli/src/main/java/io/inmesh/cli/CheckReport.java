package io.inmesh.cli;

import io.inmesh.cli.Output.Tone;
import io.inmesh.cli.check.FileCheck;
import io.inmesh.cli.check.Readiness;
import io.inmesh.cli.check.Readiness.ServiceReadiness;
import io.inmesh.cli.check.Reason;
import io.inmesh.cli.check.Verdict;
import io.inmesh.controlplane.config.ConfigCheck;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code check} prints. */
final class CheckReport {
  private static final String INDENT = " ".repeat(14); // below the verdict's column
  private static final int LINE = 80;

  private final Output output;
  private final boolean verbose;

  CheckReport(Output output, boolean verbose) {
    this.output = output;
    this.verbose = verbose;
  }

  void print(FileCheck check) {
    if (check.yaml() != null) {
      yaml(check.yaml(), check.yamlFiles());
    }
    check.dumps().forEach(this::dump);
  }

  private void yaml(ConfigCheck.Result result, int files) {
    result
        .refused()
        .forEach(r -> output.line(output.tone(Tone.BAD, "refused") + "  " + r.getMessage()));
    result.warnings().forEach(w -> output.line(output.tone(Tone.DOUBTFUL, "warning") + "  " + w));
    output.line(
        plural(result.objects(), "object")
            + " in "
            + plural(files, "file")
            + " can be used, "
            + plural(result.refused().size(), "refusal")
            + ", "
            + plural(result.warnings().size(), "warning"));
  }

  private static String plural(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private void dump(Readiness dump) {
    String counts =
        dump.resources().entrySet().stream()
            .map(kind -> kind.getValue() + " " + kind.getKey())
            .collect(Collectors.joining(", "));
    output.line(output.tone(Tone.STRONG, dump.workload()));
    if (!dump.workload().equals(dump.source())) {
      output.line("  " + dump.source());
    }
    output.line("  " + counts);
    for (String resource : dump.unreadable()) {
      output.line(output.tone(Tone.BAD, "  cannot be read: ") + resource);
    }
    output.line("");
    Shared shared = new Shared(dump.services());
    for (ServiceReadiness service : dump.services()) {
      String label = String.format("%-12s", service.verdict().label());
      output.line(
          output.tone(tone(service.verdict()), label)
              + "  "
              + ClusterName.brief(service.service()));
      reasons(service.reasons().stream().filter(reason -> !shared.contains(reason)).toList());
    }
    if (!shared.reasons().isEmpty()) {
      output.line("");
      output.line("not enforced, for several of these:");
      reasons(shared.reasons());
    }
    output.line("");
    output.line(summary(dump));
  }

  /** Reasons of the same text together; the worst first. */
  private void reasons(List<Reason> reasons) {
    Map<String, List<Reason>> byText = new LinkedHashMap<>();
    reasons.forEach(
        reason ->
            byText
                .computeIfAbsent(reason.verdict() + reason.text(), text -> new ArrayList<>())
                .add(reason));
    for (List<Reason> alike : byText.values()) {
      String mark = alike.get(0).verdict() == Verdict.NOT_READY ? "! " : "- ";
      String fields =
          alike.stream()
              .map(reason -> brief(reason.field()))
              .filter(field -> !field.isEmpty())
              .distinct()
              .collect(Collectors.joining(", "));
      String text = text(alike.get(0));
      wrapped(mark, fields.isEmpty() ? text : fields + ": " + text);
      if (verbose) {
        for (Reason reason : alike) {
          output.line(output.tone(Tone.QUIET, INDENT + "    at " + reason.where()));
        }
      }
    }
  }

  /** Without the ledger's notes to its authors. */
  private static String text(Reason reason) {
    return reason.text().replaceAll(" ?\\((issue [0-9]+|[A-Za-z: ]*[A-Z][A-Za-z]+Test)\\)", "");
  }

  /** Exceptions that more than one service has: said once, since a mesh gives them to all. */
  private static final class Shared {
    private final Map<String, Reason> first = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    Shared(List<ServiceReadiness> services) {
      for (ServiceReadiness service : services) {
        for (Reason reason : service.reasons()) {
          if (reason.verdict() == Verdict.READY_EXCEPT) {
            first.putIfAbsent(key(reason), reason);
            counts.merge(key(reason), 1, Integer::sum);
          }
        }
      }
    }

    private static String key(Reason reason) {
      return reason.field() + "\n" + reason.text();
    }

    boolean contains(Reason reason) {
      return reason.verdict() == Verdict.READY_EXCEPT && counts.getOrDefault(key(reason), 0) > 1;
    }

    List<Reason> reasons() {
      return first.values().stream().filter(this::contains).toList();
    }
  }

  private static Tone tone(Verdict verdict) {
    return switch (verdict) {
      case READY -> Tone.GOOD;
      case READY_EXCEPT -> Tone.DOUBTFUL;
      case NOT_READY -> Tone.BAD;
    };
  }

  /** {@code Cluster.health_checks} of {@code envoy.config.cluster.v3.Cluster.health_checks}. */
  static String brief(String field) {
    return field.replaceAll("\\b([a-z0-9_]+\\.)+(?=[A-Z])", "");
  }

  private void wrapped(String mark, String text) {
    StringBuilder line = new StringBuilder(INDENT + mark);
    for (String word : text.split(" ")) {
      boolean first = line.length() == INDENT.length() + 2;
      if (!first && line.length() + 1 + word.length() > LINE) {
        output.line(line.toString());
        line = new StringBuilder(INDENT + "  ");
        first = true;
      }
      line.append(first ? "" : " ").append(word);
    }
    output.line(line.toString());
  }

  private String summary(Readiness dump) {
    Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    dump.services().forEach(service -> counts.merge(service.verdict(), 1L, Long::sum));
    List<String> parts = new ArrayList<>();
    counts.forEach((verdict, count) -> parts.add(count + " " + verdict.label()));
    return dump.workload()
        + ": "
        + output.tone(tone(dump.verdict()), dump.verdict().label())
        + (parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")");
  }
}
