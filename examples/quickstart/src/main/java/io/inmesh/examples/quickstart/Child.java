package io.inmesh.examples.quickstart;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A process that was started here, and every line that it has written, with the moment. */
final class Child {
  /** A line, and when it arrived ({@link System#nanoTime}). */
  record Line(long nanos, String text) {}

  private final String name;
  private final Path log;
  private final Process process;
  private final List<Line> lines = new ArrayList<>();

  private Child(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  static Child start(String name, ProcessBuilder command, Path log) throws IOException {
    Child child = new Child(name, log, command.start());
    child.read(child.process.getInputStream());
    child.read(child.process.getErrorStream());
    return child;
  }

  private void read(InputStream from) {
    Thread thread = new Thread(() -> pump(from), name + "-lines");
    thread.setDaemon(true);
    thread.start();
  }

  private void pump(InputStream from) {
    try (BufferedReader in =
            new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
        BufferedWriter out =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        Line line = new Line(System.nanoTime(), text);
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
        out.write(text);
        out.newLine();
        out.flush();
      }
    } catch (IOException e) {
      // its end is seen by whoever waits for a line
    }
  }

  String name() {
    return name;
  }

  Path log() {
    return log;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Lines so far: from here on is "after now". */
  int mark() {
    synchronized (lines) {
      return lines.size();
    }
  }

  List<Line> since(int mark) {
    synchronized (lines) {
      return List.copyOf(lines.subList(mark, lines.size()));
    }
  }

  /**
   * @param what in words, for whoever reads that it did not come
   * @throws NotSeen when no such line comes in time, or the process has ended before
   */
  Line await(int mark, Duration limit, String what, Predicate<String> wanted)
      throws NotSeen, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (lines) {
      for (int at = mark; ; ) {
        for (; at < lines.size(); at++) {
          if (wanted.test(lines.get(at).text())) {
            return lines.get(at);
          }
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          throw new NotSeen(what + ": not seen within " + limit.toSeconds() + " s", this);
        }
        if (!process.isAlive() && left < limit.toNanos() - 1_000_000_000L) {
          throw new NotSeen(what + ": not seen, " + name + " has ended", this);
        }
        lines.wait(Math.min(100, left / 1_000_000 + 1));
      }
    }
  }

  /** Says a command and returns the answer of that name. */
  Fields ask(String command, String answer, Duration limit) throws NotSeen, InterruptedException {
    int mark = mark();
    say(command);
    Line line =
        await(mark, limit, "an answer to \"" + command + "\"", t -> t.startsWith(answer + " "));
    return Fields.parse(line.text());
  }

  void say(String command) {
    try {
      OutputStream to = process.getOutputStream();
      to.write((command + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be told \"" + command + "\"", e);
    }
  }

  /** Ends its input, so that it leaves the mesh in order, and waits for its end. */
  void leave() throws InterruptedException {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it is gone already
    }
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      kill();
    }
  }

  /** SIGTERM, and waits for its end. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      kill();
    }
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** The last thing of its log that can help. */
  List<String> tail(int count) {
    List<Line> all = since(0);
    return all.subList(Math.max(0, all.size() - count), all.size()).stream()
        .map(Line::text)
        .toList();
  }
}
