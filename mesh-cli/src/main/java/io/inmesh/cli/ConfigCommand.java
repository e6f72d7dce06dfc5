package io.inmesh.cli;

import io.inmesh.cli.Admin.Parameter;
import io.inmesh.cli.Failures.Failure;
import io.inmesh.cli.Output.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code /config_dump}: what the control plane has sent and is in force. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = {
      "The configuration that a running process has accepted.",
      "With -o json in the shape of Envoy's config dump, which istioctl proxy-config -f and"
          + " inmesh check read."
    })
final class ConfigCommand implements Runnable {
  /** What can be asked for. */
  enum Type {
    listeners("dynamic_listeners", "listener"),
    routes("dynamic_route_configs", "route_config"),
    clusters("dynamic_active_clusters", "cluster"),
    endpoints("dynamic_endpoint_configs", "endpoint_config");

    private final String list;
    private final String field;

    Type(String list, String field) {
      this.list = list;
      this.field = field;
    }
  }

  /** One resource of the dump. */
  private record Entry(String name, String version, String updated, @Nullable Object resource) {}

  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TYPE",
      description = "${COMPLETION-CANDIDATES}; none: all of it.")
  private @Nullable Type type;

  @Parameters(
      index = "1",
      arity = "0..1",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "Only resources whose name contains it.")
  private String text = "";

  @Override
  public void run() {
    Object dump = admin.json("/config_dump", new Parameter("include_eds", ""));
    Type only = type;
    if (only == null) {
      summary(dump);
      return;
    }
    List<Entry> entries = entries(dump, only);
    if (output.json()) {
      output.json(entries.stream().map(Entry::resource).toList());
      return;
    }
    Table table = new Table("NAME", detail(only), "VERSION", "CHANGED");
    for (Entry entry : entries) {
      table
          .add(entry.name())
          .add(detail(only, entry.resource()))
          .add(entry.version().isEmpty() ? "-" : brief(entry.version()))
          .add(time(entry.updated()))
          .end();
    }
    output.table(table);
    if (entries.isEmpty()) {
      output.line(
          text.isEmpty() ? "no " + only : "no name in " + only + " contains '" + text + "'");
    }
  }

  private void summary(@Nullable Object dump) {
    if (output.json()) {
      output.json(dump);
      return;
    }
    Object info = admin.json("/server_info");
    Map<String, Object> lines = new LinkedHashMap<>();
    lines.put("node", Json.string(Json.get(Json.get(info, "node"), "id")));
    lines.put("identity", Json.string(Json.get(info, "identity")));
    lines.put("state", Json.string(Json.get(info, "state")));
    boolean connected = Json.string(Json.get(info, "control_plane_connected")).equals("true");
    lines.put("control plane", connected ? "connected" : "not connected");
    lines.put("last failure", Json.string(Json.get(info, "last_failure")));
    lines.forEach(
        (name, value) -> {
          if (!value.toString().isEmpty()) {
            boolean bad = value.equals("not connected") || name.equals("last failure");
            String shown = bad ? output.tone(Tone.BAD, value.toString()) : value.toString();
            output.line(String.format("%-14s %s", name, shown));
          }
        });
    output.line("");
    Table table = new Table("TYPE", "IN FORCE", "LAST CHANGED");
    for (Type one : Type.values()) {
      List<Entry> entries = entries(dump, one);
      String latest = entries.stream().map(Entry::updated).max(String::compareTo).orElse("-");
      table.add(one).add(entries.size()).add(time(latest)).end();
    }
    output.table(table);
  }

  private List<Entry> entries(@Nullable Object dump, Type of) {
    Object configs = Json.get(dump, "configs");
    if (configs == null) {
      throw new Failure(Failures.NO_ANSWER, "the answer is no config dump: it has no configs");
    }
    List<Entry> entries = new ArrayList<>();
    for (Object config : Json.list(configs)) {
      for (Object element : Json.list(Json.get(config, of.list))) {
        Object active = Json.get(element, "active_state");
        Object state = active == null ? element : active;
        Object resource = Json.get(state, of.field);
        String name = Json.string(Json.get(resource, "name"));
        String cluster = Json.string(Json.get(resource, "cluster_name"));
        Entry entry =
            new Entry(
                name.isEmpty() ? cluster : name,
                Json.string(Json.get(state, "version_info")),
                Json.string(Json.get(state, "last_updated")),
                resource);
        if (entry.name().contains(text)) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  private static String detail(Type type) {
    return switch (type) {
      case listeners -> "ADDRESS";
      case routes -> "HOSTS";
      case clusters -> "TYPE";
      case endpoints -> "ENDPOINTS";
    };
  }

  private static Object detail(Type type, @Nullable Object resource) {
    return switch (type) {
      case listeners -> {
        Object socket = Json.get(Json.get(resource, "address"), "socket_address");
        yield Json.string(Json.get(socket, "address"))
            + ":"
            + Json.string(Json.get(socket, "port_value"));
      }
      case routes -> Json.list(Json.get(resource, "virtual_hosts")).size();
      case clusters -> {
        String discovery = Json.string(Json.get(resource, "type"));
        yield discovery.isEmpty() ? "STATIC" : discovery;
      }
      case endpoints ->
          Json.list(Json.get(resource, "endpoints")).stream()
              .mapToInt(locality -> Json.list(Json.get(locality, "lb_endpoints")).size())
              .sum();
    };
  }

  private static String brief(String version) {
    return version.length() > 20 ? version.substring(0, 20) + "…" : version;
  }

  /** The time of day of an instant, which is enough for what has just been changed. */
  private static String time(String instant) {
    return instant.length() > 19 ? instant.substring(0, 19).replace('T', ' ') + "Z" : instant;
  }
}
