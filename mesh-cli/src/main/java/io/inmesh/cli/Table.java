package io.inmesh.cli;

import io.inmesh.cli.Output.Tone;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of text, two spaces apart. Where they do not fit, the widest is cut in its middle. */
final class Table {
  private record Cell(String text, @Nullable Tone tone) {}

  private static final int LEAST = 12; // a column is not cut below that

  private final List<List<Cell>> rows = new ArrayList<>();
  private List<Cell> row = new ArrayList<>();

  Table(String... titles) {
    for (String title : titles) {
      add(title, Tone.STRONG);
    }
    end();
  }

  Table add(Object text) {
    row.add(new Cell(String.valueOf(text), null));
    return this;
  }

  Table add(Object text, Tone tone) {
    row.add(new Cell(String.valueOf(text), tone));
    return this;
  }

  void end() {
    rows.add(row);
    row = new ArrayList<>();
  }

  int size() {
    return rows.size() - 1;
  }

  String text(int width, Output output) {
    int[] widths = new int[rows.get(0).size()];
    for (List<Cell> cells : rows) {
      for (int i = 0; i < cells.size(); i++) {
        widths[i] = Math.max(widths[i], cells.get(i).text().length());
      }
    }
    shrink(widths, width);
    StringBuilder text = new StringBuilder();
    for (List<Cell> cells : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < cells.size(); i++) {
        Cell cell = cells.get(i);
        String shown = cut(cell.text(), widths[i]);
        line.append(cell.tone() == null ? shown : output.tone(cell.tone(), shown));
        if (i < cells.size() - 1) {
          line.append(" ".repeat(widths[i] - shown.length() + 2));
        }
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static void shrink(int[] widths, int width) {
    while (true) {
      int widest = 0;
      long sum = 2L * (widths.length - 1);
      for (int i = 0; i < widths.length; i++) {
        sum += widths[i];
        widest = widths[i] > widths[widest] ? i : widest;
      }
      if (sum <= width || widths[widest] <= LEAST) {
        return;
      }
      widths[widest]--;
    }
  }

  private static String cut(String text, int width) {
    if (text.length() <= width) {
      return text;
    }
    int head = (width - 1) / 2;
    return text.substring(0, head) + "…" + text.substring(text.length() - (width - 1 - head));
  }
}
