package io.inmesh.cli;

import io.inmesh.controlplane.ControlPlaneMain;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code java -jar inmesh-cli-<version>-all.jar COMMAND}, or {@code ./inmesh COMMAND}. */
@Command(
    name = "inmesh",
    mixinStandardHelpOptions = true,
    versionProvider = Inmesh.Version.class,
    description = {"Asks a running process of the mesh, and checks configuration without one.", ""},
    subcommands = {
      ExplainCommand.class,
      ConfigCommand.class,
      ClustersCommand.class,
      EndpointsCommand.class,
      CertsCommand.class,
      StatsCommand.class,
      CheckCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; what was checked is in order",
      "1:checked, and something is not in order",
      "2:the command was not understood",
      "3:nobody answers at the admin address, or not as an admin server does",
      "4:a file cannot be read, or is not what can be checked",
      "70:a defect of this command"
    },
    footer = {
      "",
      "Plain text when piped; colours only on a terminal and without NO_COLOR.",
      "The admin address of a process is its setting inmesh.admin.address."
    })
public final class Inmesh implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = commandLine().setOut(out).setErr(err).execute(arguments);
    out.flush();
    System.exit(code);
  }

  /** The whole command, ready to execute. */
  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Inmesh());
    command.addSubcommand("control-plane", new ControlPlaneMain());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setUsageHelpAutoWidth(false);
    command.setExecutionExceptionHandler(Failures::handle);
    return command;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Missing a command");
  }

  /** The jar's version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Inmesh.class.getPackage().getImplementationVersion();
      return new String[] {"inmesh " + (version == null ? "(not packaged)" : version)};
    }
  }
}
