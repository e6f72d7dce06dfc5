package io.inmesh.cli.check;

import java.util.List;
import java.util.Map;

/**
 * What became of one dump.
 *
 * @param workload whose sidecar it was
 * @param source the file
 * @param resources how many there were, by kind in words
 * @param services the workload's own ports first ({@code inbound}), then by name
 * @param unreadable resources that are no such messages; nothing is known of what they do
 */
public record Readiness(
    String workload,
    String source,
    Map<String, Integer> resources,
    List<ServiceReadiness> services,
    List<String> unreadable) {

  /** One service that the workload calls, or what it serves itself. */
  public record ServiceReadiness(String service, Verdict verdict, List<Reason> reasons) {}

  /** The worst of all. */
  public Verdict verdict() {
    Verdict worst = unreadable.isEmpty() ? Verdict.READY : Verdict.NOT_READY;
    for (ServiceReadiness service : services) {
      worst = worst.worse(service.verdict());
    }
    return worst;
  }
}
