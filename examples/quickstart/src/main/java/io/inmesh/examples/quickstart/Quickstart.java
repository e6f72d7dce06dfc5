package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Processes.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts two services in one mesh, shows what the mesh does for them, and says whether it did. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = "Two services, one mesh, no sidecar: starts them and shows what the mesh does.",
    footer = "Exit code 0: everything that is promised was seen.")
public final class Quickstart implements Callable<Integer> {
  @Option(
      names = "--keep",
      description = "Leave it running afterwards, to edit the YAML and watch; Ctrl-C ends it.")
  private boolean keep;

  @Option(names = "--play", description = "As --keep, without the demonstration before.")
  private boolean play;

  @Option(
      names = "--mesh",
      paramLabel = "DIR",
      defaultValue = "mesh",
      description = "The YAML to start with (${DEFAULT-VALUE}).")
  private Path mesh = Path.of("mesh");

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "target/quickstart",
      description = "Made anew: a copy of the YAML, state and logs (${DEFAULT-VALUE}).")
  private Path work = Path.of("target/quickstart");

  private final Screen screen = new Screen(System.out);

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Quickstart()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = work.toAbsolutePath().normalize();
    empty(directory);
    Processes processes = new Processes(directory);
    List<Step> steps =
        List.of(
            new WhoIsWho(),
            new TrafficShift(),
            new DyingInstance(),
            new DeniedCaller(),
            new ControlPlaneRestart());
    Shop shop = open(processes);
    if (shop == null) {
      return CommandLine.ExitCode.SOFTWARE;
    }
    boolean good = true;
    if (!play) {
      for (int i = 0; i < steps.size(); i++) {
        show(i + 1, steps.get(i), shop);
      }
      good = screen.summary(steps.size(), ended(shop), shop);
    }
    if (keep || play) {
      Watch.run(shop, screen);
    }
    return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private @Nullable Shop open(Processes processes) throws IOException, InterruptedException {
    screen.plain("Inmesh: two services, one mesh, no sidecar");
    screen.plain("");
    screen.line("Starting six JVMs on 127.0.0.1 ...");
    long began = System.nanoTime();
    try {
      Shop shop = Shop.open(processes, MeshFolder.copy(mesh, processes.mesh()));
      row(
          "control-plane",
          processes.controlPlanePort(),
          "serves a folder of Istio YAML as xDS; CA");
      for (Instance instance : shop.instances()) {
        row(instance.name(), instance.port(), "Tomcat, service account reviews");
      }
      screen.line("  %-14s %-6s %s", "storefront", "", "OkHttp, service account storefront");
      screen.line("YAML   %s", processes.mesh());
      screen.line("logs   %s", processes.logs());
      screen.line("ready after %.1f s", (System.nanoTime() - began) / 1e9);
      return shop;
    } catch (NotSeen e) {
      screen.failed(0, "Start", String.valueOf(e.getMessage()), e.where());
      return null;
    }
  }

  /** Counts the last requests; false when the storefront no longer answers. */
  private static boolean ended(Shop shop) throws InterruptedException {
    try {
      shop.window();
      return true;
    } catch (NotSeen e) {
      return false;
    }
  }

  private void row(String name, int port, String what) {
    screen.line("  %-14s :%-5d %s", name, port, what);
  }

  private void show(int number, Step step, Shop shop) throws IOException, InterruptedException {
    screen.headline(number, step.title());
    try {
      screen.good(number, step.title(), step.show(shop, screen));
    } catch (NotSeen e) {
      screen.failed(number, step.title(), String.valueOf(e.getMessage()), e.where());
    }
  }

  /** Only what an earlier run made there. */
  private static void empty(Path directory) throws IOException {
    for (String made : List.of("mesh", "state", "logs", "tomcat")) {
      Path old = directory.resolve(made);
      if (Files.exists(old)) {
        try (Stream<Path> files = Files.walk(old)) {
          for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
            Files.delete(file);
          }
        }
      }
    }
    Files.createDirectories(directory);
  }
}
