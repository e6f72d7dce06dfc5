package io.inmesh.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the configuration in force contains that is not enforced: the last report of each resource
 * that has something. Safe for use by several threads.
 */
public final class LiveConfiguration {
  private record Key(String typeUrl, String resource) {}

  private final Map<Key, LedgerReport> reports = new LinkedHashMap<>();
  private final Set<String> announced = new HashSet<>();

  /**
   * A resource came, or came again.
   *
   * @return what no resource contained before: to be logged once, not with each of a thousand
   *     clusters
   */
  public synchronized List<LedgerFinding> put(LedgerReport report) {
    List<LedgerFinding> found = notEnforced(report);
    Key key = new Key(report.typeUrl(), report.resource());
    if (found.isEmpty()) {
      reports.remove(key); // nothing of it is ever asked for
    } else {
      reports.put(key, report);
    }
    List<LedgerFinding> news = new ArrayList<>();
    for (LedgerFinding f : found) {
      if (announced.add(f.field())) {
        news.add(f);
      }
    }
    return news;
  }

  /** A resource is gone. */
  public synchronized void remove(String typeUrl, String resource) {
    reports.remove(new Key(typeUrl, resource));
  }

  /** Fields that are in force now and not enforced, with the names of the resources, sorted. */
  public synchronized Map<String, List<String>> resourcesByField() {
    Map<String, List<String>> fields = new TreeMap<>();
    for (LedgerReport report : reports.values()) {
      for (LedgerFinding f : notEnforced(report)) {
        fields.computeIfAbsent(f.field(), k -> new ArrayList<>()).add(report.resource());
      }
    }
    return fields;
  }

  private static List<LedgerFinding> notEnforced(LedgerReport report) {
    List<LedgerFinding> all = new ArrayList<>(report.unknown());
    all.addAll(report.refused());
    all.addAll(report.notYet());
    return all;
  }
}
