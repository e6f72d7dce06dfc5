package io.inmesh.examples.quickstart;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the user reads, and in the end the summary. */
final class Screen {
  private static final int LOG_LINES = 12;
  private static final int LOG_WIDTH = 240;

  private record Row(int number, String title, boolean good, String figures) {}

  private final PrintStream out;
  private final List<Row> rows = new ArrayList<>();

  Screen(PrintStream out) {
    this.out = out;
  }

  void headline(int number, String title) {
    out.println();
    out.println(number + "  " + title);
  }

  void line(String format, Object... values) {
    out.println(("   " + String.format(Locale.ROOT, format, values)).stripTrailing());
  }

  void plain(String text) {
    out.println(text);
  }

  void good(int number, String title, String figures) {
    rows.add(new Row(number, title, true, figures));
  }

  void failed(int number, String title, String why, @Nullable Child where) {
    rows.add(new Row(number, title, false, why));
    line("FAILED: %s", why);
    if (where != null) {
      line("The log is %s; its last lines:", where.log());
      where.tail(LOG_LINES).forEach(text -> out.println("     | " + shortened(text)));
    }
  }

  private static String shortened(String text) {
    return text.length() <= LOG_WIDTH ? text : text.substring(0, LOG_WIDTH) + " ...";
  }

  boolean summary(int steps, boolean ended, Shop shop) {
    out.println();
    out.println("Summary");
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "  %d  %-34s %-7s %s%n",
          row.number,
          row.title,
          row.good ? "ok" : "FAILED",
          row.figures);
    }
    out.printf(
        Locale.ROOT,
        "  From the first request to the last: %d requests, %d failed.%n",
        shop.requests(),
        shop.failed());
    boolean good =
        ended && shop.failed() == 0 && rows.size() == steps && rows.stream().allMatch(Row::good);
    out.println(good ? "All of it was seen." : "Not all of it was seen.");
    return good;
  }
}
