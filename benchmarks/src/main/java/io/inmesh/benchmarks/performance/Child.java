package io.inmesh.benchmarks.performance;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JVM of an arm; ends when its input does. The same options for all. */
final class Child implements AutoCloseable {
  private final String name;
  private final Path log;
  private final Process process;
  private final BufferedReader from;
  private final BufferedWriter to;

  private Child(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    this.from = process.inputReader(StandardCharsets.UTF_8);
    this.to = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * @param settings of its mesh, as environment variables
   * @param heap {@code -Xms} and {@code -Xmx}
   */
  static Child start(
      String name,
      Path work,
      Map<String, String> settings,
      String heap,
      Class<?> main,
      Object... arguments)
      throws IOException {
    Path log = work.resolve(name + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+UseSerialGC"));
    command.addAll(List.of("-Dorg.slf4j.simpleLogger.log.org.apache=warn"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("INMESH_"));
    builder.environment().putAll(settings);
    return new Child(name, log, builder.start());
  }

  long pid() {
    return process.pid();
  }

  void awaitReady() throws IOException {
    String line = answer();
    if (!line.equals("ready")) {
      throw new IOException(name + " said " + line + ", see " + log);
    }
  }

  String ask(String command) throws IOException {
    tell(command);
    return answer();
  }

  /** The answer is fetched later. */
  void tell(String command) throws IOException {
    to.write(command);
    to.newLine();
    to.flush();
  }

  long number(String command) throws IOException {
    return Long.parseLong(ask(command));
  }

  String answer() throws IOException {
    String line = from.readLine();
    if (line == null) {
      throw new IOException(name + " has ended, see " + log);
    }
    return line;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
