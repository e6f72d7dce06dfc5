package io.inmesh.runtime;

import io.inmesh.ledger.Ledger;
import io.inmesh.ledger.LedgerFinding;
import io.inmesh.ledger.LedgerReport;
import io.inmesh.ledger.LiveConfiguration;
import io.inmesh.xds.Update;
import io.inmesh.xds.XdsResource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names what the live configuration contains and is not enforced here: each field once. Logger
 * {@code io.inmesh.config.support}.
 */
final class UnsupportedLog {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.config.support");

  private final LiveConfiguration live = new LiveConfiguration();

  void report(Update update, Set<String> refused) {
    Set<String> fields = new TreeSet<>();
    for (XdsResource resource : update.resources()) {
      if (!refused.contains(resource.name())) {
        LedgerReport report = Ledger.get().walk(resource.type().url(), resource.body());
        List<LedgerFinding> fresh = live.put(report);
        fresh.forEach(finding -> fields.add(finding.field()));
      }
    }
    update.removed().forEach(name -> live.remove(update.type().url(), name));
    if (!fields.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("type", update.type())
          .addKeyValue("fields", fields)
          .log(
              "{} {} fields of the configuration are not enforced here (docs/envoy-support.md says"
                  + " what becomes of each)",
              fields.size(),
              update.type());
    }
  }
}
