package io.inmesh.cli;

import io.inmesh.cli.Admin.Parameter;
import io.inmesh.cli.Failures.Failure;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code /explain} and {@code /refusals}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "What a running process would do with a request, and why; nothing is sent.",
      "",
      "  inmesh explain http://reviews.shop:8080/reviews/1 -H 'end-user: jason'",
      "  inmesh explain --inbound --port 8080 -X POST /orders \\",
      "      --peer spiffe://cluster.local/ns/shop/sa/web",
      "",
      "With --refusals what it has refused last, and how it came to that.",
      ""
    })
final class ExplainCommand implements Runnable {
  @Mixin private Admin admin = new Admin();
  @Mixin private Output output = new Output();

  @Parameters(
      arity = "0..1",
      defaultValue = "",
      paramLabel = "URL",
      description = "Of the request; inbound a path is enough.")
  private String url = "";

  @Option(names = "--refusals", description = "The last answers of the mesh itself instead.")
  private boolean refusals;

  @Option(names = "--port", description = "Inbound: the application's port.")
  private @Nullable Integer port;

  @Option(
      names = {"-X", "--method"},
      defaultValue = "GET",
      description = "(${DEFAULT-VALUE})")
  private String method = "GET";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "A header of the request; repeatable.")
  private List<String> headers = List.of();

  @Option(names = "--inbound", description = "A request that comes in, not a call that goes out.")
  private boolean inbound;

  @Option(
      names = "--peer",
      paramLabel = "SPIFFE-ID",
      description = "Who calls, by mesh TLS; none: plaintext.")
  private @Nullable String peer;

  @Override
  public void run() {
    if (refusals) {
      show("/refusals", new ArrayList<>());
      return;
    }
    if (url.isEmpty()) {
      throw new Failure(2, "explain needs the URL of a request, or --refusals");
    }
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new Parameter("direction", inbound ? "inbound" : "outbound"));
    parameters.add(new Parameter("method", method));
    String authority = authority();
    if (!authority.isEmpty()) {
      parameters.add(new Parameter("authority", authority));
    }
    parameters.add(new Parameter("path", path()));
    for (String header : headers) {
      int colon = header.indexOf(':', 1);
      if (colon < 0) {
        throw new Failure(2, "--header needs NAME:VALUE, is '" + header + "'");
      }
      String value = header.substring(colon + 1).strip();
      parameters.add(new Parameter("header", header.substring(0, colon).strip() + ":" + value));
    }
    if (peer != null) {
      parameters.add(new Parameter("peer", peer));
    }
    if (port != null) {
      parameters.add(new Parameter("port", port.toString()));
    }
    show("/explain", parameters);
  }

  private void show(String path, List<Parameter> parameters) {
    if (output.json()) {
      parameters.add(new Parameter("format", "json"));
      output.json(admin.json(path, parameters.toArray(Parameter[]::new)));
    } else {
      output.print(admin.text(path, parameters.toArray(Parameter[]::new)));
    }
  }

  private URI uri() {
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new Failure(2, "not a URL: '" + url + "': " + e.getMessage());
    }
  }

  private String authority() {
    String authority = uri().getRawAuthority();
    if (authority == null && !inbound) {
      throw new Failure(
          2, "a call needs a whole URL, http://reviews.shop:8080/..., is '" + url + "'");
    }
    return authority == null ? "" : authority;
  }

  private String path() {
    URI uri = uri();
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }
}
