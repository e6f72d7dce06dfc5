package io.inmesh.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options about the form of the answer, the same for every command; and the writing. */
final class Output {
  /** {@code -o}. */
  enum Format {
    text,
    json
  }

  /** What a word says about the state of things; a colour on a terminal. */
  enum Tone {
    GOOD("green"),
    DOUBTFUL("yellow"),
    BAD("red"),
    QUIET("faint"),
    STRONG("bold");

    private final String style;

    Tone(String style) {
      this.style = style;
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text or json (${DEFAULT-VALUE}).")
  private Format format = Format.text;

  boolean json() {
    return format == Format.json;
  }

  void json(@Nullable Object tree) {
    print(Json.text(tree));
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  void line(String text) {
    out().println(text);
  }

  /** Text as it is, ended by a line end if it has none. */
  void print(String text) {
    out().print(text);
    if (!text.isEmpty() && !text.endsWith("\n")) {
      out().println();
    }
    out().flush();
  }

  void table(Table table) {
    print(table.text(width(), this));
  }

  /** Characters in a line: the terminal's; no limit where nobody looks at columns. */
  int width() {
    if (!terminal()) {
      return Integer.MAX_VALUE;
    }
    String columns = System.getenv("COLUMNS");
    try {
      return columns == null ? 80 : Math.max(40, Integer.parseInt(columns.strip()));
    } catch (NumberFormatException e) {
      return 80;
    }
  }

  /** Colours where the output is a terminal and nobody objects ({@code NO_COLOR}, dumb). */
  private static boolean terminal() {
    return Ansi.AUTO.enabled();
  }

  String tone(Tone tone, String text) {
    return terminal() ? Ansi.ON.string("@|" + tone.style + " " + text + "|@") : text;
  }
}
