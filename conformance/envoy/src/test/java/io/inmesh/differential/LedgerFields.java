package io.inmesh.differential;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The fields that the support ledger calls enforced, with the tests it names for them. */
final class LedgerFields {
  private LedgerFields() {}

  static Map<String, String> enforced() throws IOException {
    Map<String, String> fields = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    LedgerFields.class.getResourceAsStream("/io/inmesh/ledger/support-ledger.tsv")),
                StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        String[] parts = line.split("\t");
        if (parts.length == 3 && parts[1].equals("enforced")) {
          fields.put(parts[0], parts[2]);
        }
      }
    }
    return fields;
  }
}
