package io.inmesh.controlplane;

import io.inmesh.controlplane.config.OutboundPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code java -jar inmesh-control-plane-<version>-cli.jar --config DIR --state DIR}. */
@Command(
    name = "inmesh-control-plane",
    mixinStandardHelpOptions = true,
    description = "Serves a folder of Istio YAML as xDS, with certificates. For one machine.")
public final class ControlPlaneMain implements Callable<Integer> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "DIR",
      description = "Folder with *.yaml; watched.")
  private @Nullable Path config;

  @Option(
      names = "--state",
      required = true,
      paramLabel = "DIR",
      description = "Keys, tokens, registrations; owner-only. Made if missing.")
  private @Nullable Path state;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      defaultValue = "15012",
      description = "TLS port; 0 takes a free one (${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--allow-remote", description = "Allow a --host that other machines can reach.")
  private boolean allowRemote;

  @Option(
      names = "--trust-domain",
      defaultValue = "cluster.local",
      description = "(${DEFAULT-VALUE})")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--outbound-traffic-policy",
      defaultValue = "ALLOW_ANY",
      description = "Calls to unknown destinations: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private OutboundPolicy outboundPolicy = OutboundPolicy.ALLOW_ANY;

  @Option(
      names = "--endpoint-grace",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description =
          "How long endpoints stay after their workload's stream broke (${DEFAULT-VALUE}).")
  private double endpointGrace;

  @Option(
      names = "--reconnect-grace",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description = "How long workloads from before a restart are waited for (${DEFAULT-VALUE}).")
  private double reconnectGrace;

  @Option(
      names = "--probe-ports",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Make a new workload an endpoint once its ports take connections (${DEFAULT-VALUE}).")
  private boolean probePorts;

  @Option(
      names = "--service-account",
      paramLabel = "NS/SA",
      description = "Write a token for it; repeatable.")
  private List<String> serviceAccounts = List.of();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ControlPlaneMain()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    ControlPlaneBuilder builder =
        ControlPlane.builder()
            .configDirectory(java.util.Objects.requireNonNull(config))
            .stateDirectory(java.util.Objects.requireNonNull(state))
            .listen(host, port)
            .allowRemote(allowRemote)
            .endpointGrace(seconds(endpointGrace))
            .reconnectGrace(seconds(reconnectGrace))
            .trustDomain(trustDomain)
            .outboundTrafficPolicy(outboundPolicy)
            .probePorts(probePorts)
            .onEvent(event -> print(out, event));
    for (String account : serviceAccounts) {
      String[] parts = account.split("/", -1);
      if (parts.length != 2) {
        err.println("--service-account needs namespace/name, not " + account);
        return CommandLine.ExitCode.USAGE;
      }
      builder.serviceAccount(parts[0], parts[1]);
    }
    try {
      ControlPlane plane = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(plane::close, "inmesh-shutdown"));
      out.println("Inmesh control plane is ready");
      out.println("  xDS and certificates  " + host + ":" + plane.port() + " (TLS)");
      out.println("  configuration         " + config + " (watched)");
      out.println("  root certificate      " + plane.rootCertificate());
      out.println(
          "  tokens                "
              + java.util.Objects.requireNonNull(state).resolve("tokens")
              + "/<namespace>/<service account>");
      out.println(
          "  a lost workload's endpoints stay "
              + endpointGrace
              + " s; after a restart workloads are waited for "
              + reconnectGrace
              + " s");
      out.flush();
      plane.awaitTermination();
      return CommandLine.ExitCode.OK;
    } catch (IOException | IllegalArgumentException e) {
      err.println("The control plane cannot start: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private static synchronized void print(PrintWriter out, ControlPlaneEvent event) {
    String time = TIME.format(LocalTime.ofInstant(event.at(), ZoneId.systemDefault()));
    String what = event.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    out.println(time + "  " + what + "  " + event.subject() + "  " + event.detail());
    out.flush();
  }
}
