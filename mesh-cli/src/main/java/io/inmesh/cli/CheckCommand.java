package io.inmesh.cli;

import io.inmesh.cli.Failures.Failure;
import io.inmesh.cli.check.FileCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Files, without any process. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Checks files, without a cluster or a process.",
      "",
      "Istio YAML: what the embedded control plane would refuse, file:line.",
      "A sidecar's configuration (Envoy's /config_dump, istioctl proxy-config ... -o json):",
      "  ready         all of it is enforced",
      "  ready except  requests get through; what is named does not happen",
      "  not ready     Inmesh would refuse requests, for the reason named",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing is refused, nothing is not ready",
      "1:something is (--strict: or there is anything to say at all)",
      "4:a file cannot be read, or is neither kind"
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private Output output = new Output();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files; folders (their *.yaml, *.yml, *.json); - for the standard input.")
  private List<String> files = List.of();

  @Option(names = "--strict", description = "Warnings and exceptions count as well.")
  private boolean strict;

  @Option(names = "--verbose", description = "With the place of each reason.")
  private boolean verbose;

  @Override
  public Integer call() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String file : files) {
      if (file.equals("-")) {
        texts.put("standard input", input());
      } else {
        read(Path.of(file), texts);
      }
    }
    FileCheck check = FileCheck.of(texts);
    if (output.json()) {
      output.json(CheckJson.of(check));
    } else {
      new CheckReport(output, verbose).print(check);
    }
    output.out().flush();
    if (!check.unusable().isEmpty()) {
      check.unusable().forEach((file, why) -> warn(file + ": " + why));
      return Failures.NO_INPUT;
    }
    return strict ? (check.spotless() ? 0 : Failures.FOUND) : check.inOrder() ? 0 : Failures.FOUND;
  }

  private void warn(String text) {
    output.err().println("inmesh: " + text);
    output.err().flush();
  }

  private static String input() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Failure(Failures.NO_INPUT, "the standard input cannot be read: " + e.getMessage());
    }
  }

  private static void read(Path path, Map<String, String> texts) {
    if (Files.isDirectory(path)) {
      try (Stream<Path> list = Files.list(path)) {
        List<Path> found = list.filter(CheckCommand::wanted).sorted().toList();
        if (found.isEmpty()) {
          throw new Failure(
              Failures.NO_INPUT,
              path + " has no *.yaml, *.yml or *.json (folders in it are not entered)");
        }
        found.forEach(file -> texts.put(file.toString(), text(file)));
      } catch (IOException | UncheckedIOException e) {
        throw new Failure(Failures.NO_INPUT, path + " cannot be listed: " + e.getMessage());
      }
    } else {
      texts.put(path.toString(), text(path));
    }
  }

  private static boolean wanted(Path path) {
    String name = String.valueOf(path.getFileName());
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))
        && Files.isRegularFile(path);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new Failure(Failures.NO_INPUT, "no such file: " + file);
    } catch (CharacterCodingException e) {
      throw new Failure(Failures.NO_INPUT, file + " is not UTF-8 text");
    } catch (IOException e) {
      throw new Failure(Failures.NO_INPUT, file + " cannot be read: " + e.getMessage());
    }
  }
}
