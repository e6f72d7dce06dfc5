package io.inmesh.cli;

import io.inmesh.cli.Output.Tone;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code /certs} in a table. */
@Command(
    name = "certs",
    mixinStandardHelpOptions = true,
    description = "The certificates that a running process shows and believes; never a key.")
final class CertsCommand implements Runnable {
  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Override
  public void run() {
    Object page = admin.json("/certs");
    if (output.json()) {
      output.json(page);
      return;
    }
    Table table = new Table("KIND", "EXPIRES", "IN", "SERIAL", "NAMES");
    for (Object one : Json.list(Json.get(page, "certificates"))) {
      List<@Nullable Object> chain = Json.list(Json.get(one, "cert_chain"));
      for (int i = 0; i < chain.size(); i++) {
        row(table, i == 0 ? "workload" : "issuer", chain.get(i));
      }
      Json.list(Json.get(one, "ca_cert")).forEach(root -> row(table, "root", root));
    }
    output.table(table);
    if (table.size() == 0) {
      output.line("no certificates: the process has no identity (yet)");
    }
  }

  private static void row(Table table, String kind, @Nullable Object certificate) {
    String expires = Json.string(Json.get(certificate, "expiration_time"));
    StringBuilder names = new StringBuilder();
    for (Object name : Json.list(Json.get(certificate, "subject_alt_names"))) {
      names.append(names.isEmpty() ? "" : " ");
      Json.map(name).values().forEach(value -> names.append(Json.string(value)));
    }
    Duration left = left(expires);
    String serial = Json.string(Json.get(certificate, "serial_number"));
    table
        .add(kind)
        .add(expires.length() > 19 ? expires.substring(0, 16).replace('T', ' ') + "Z" : expires)
        .add(
            left == null ? "-" : shown(left),
            left == null || left.isNegative()
                ? Tone.BAD
                : left.toHours() < 1 ? Tone.DOUBTFUL : Tone.GOOD)
        .add(serial.length() > 12 ? serial.substring(0, 12) + "…" : serial)
        .add(names.isEmpty() ? "-" : names)
        .end();
  }

  private static @Nullable Duration left(String expires) {
    try {
      return Duration.between(Instant.now(), Instant.parse(expires));
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  static String shown(Duration left) {
    if (left.isNegative()) {
      return "EXPIRED";
    }
    long hours = left.toHours();
    return hours >= 48
        ? left.toDays() + " d"
        : hours >= 2
            ? hours + " h"
            : left.toMinutes() >= 2 ? left.toMinutes() + " min" : left.toSeconds() + " s";
  }
}
