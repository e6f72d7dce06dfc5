package io.inmesh.cli;

import io.inmesh.cli.check.FileCheck;
import io.inmesh.cli.check.Readiness;
import io.inmesh.cli.check.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code check -o json} prints. */
final class CheckJson {
  private CheckJson() {}

  static Map<String, Object> of(FileCheck check) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (check.yaml() != null) {
      Map<String, Object> yaml = new LinkedHashMap<>();
      yaml.put("objects", check.yaml().objects());
      yaml.put(
          "refused",
          check.yaml().refused().stream()
              .map(
                  r ->
                      fields(
                          "file",
                          r.file(),
                          "line",
                          r.line(),
                          "path",
                          r.path(),
                          "reason",
                          r.reason()))
              .toList());
      yaml.put(
          "warnings",
          check.yaml().warnings().stream()
              .map(w -> fields("file", w.file(), "line", w.line(), "text", w.text()))
              .toList());
      tree.put("istio", yaml);
    }
    if (!check.dumps().isEmpty()) {
      tree.put("workloads", check.dumps().stream().map(CheckJson::json).toList());
    }
    if (!check.unusable().isEmpty()) {
      tree.put("unusable", check.unusable());
    }
    return tree;
  }

  private static Map<String, Object> json(Readiness dump) {
    return fields(
        "workload", dump.workload(),
        "source", dump.source(),
        "verdict", dump.verdict().label(),
        "resources", dump.resources(),
        "unreadable", dump.unreadable(),
        "services",
            dump.services().stream()
                .map(
                    service ->
                        fields(
                            "service", service.service(),
                            "verdict", service.verdict().label(),
                            "reasons", reasons(service.reasons())))
                .toList());
  }

  private static List<Map<String, Object>> reasons(List<Reason> reasons) {
    return reasons.stream()
        .map(
            reason ->
                fields(
                    "verdict", reason.verdict().label(),
                    "field", reason.field(),
                    "reason", reason.text(),
                    "where", reason.where()))
        .toList();
  }

  private static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put(namesAndValues[i].toString(), namesAndValues[i + 1]);
    }
    return fields;
  }
}
