package io.inmesh.cli;

import io.inmesh.cli.Failures.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The admin server of a running process. */
final class Admin {
  @Option(
      names = "--admin",
      defaultValue = "${env:INMESH_ADMIN:-127.0.0.1:15000}",
      paramLabel = "HOST:PORT",
      description = "Admin address of the process, or INMESH_ADMIN (${DEFAULT-VALUE}).")
  private String address = "127.0.0.1:15000";

  @Option(
      names = "--timeout",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description = "How long to wait for the answer (${DEFAULT-VALUE}).")
  private int seconds = 10;

  /** Name and value of a query parameter. */
  record Parameter(String name, String value) {}

  /** A page's JSON. */
  @Nullable Object json(String path, Parameter... parameters) {
    String text = text(path, parameters);
    try {
      return Json.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Failure(
          Failures.NO_ANSWER,
          "what answers at " + address + " sends no JSON for " + path + ": " + e.getMessage());
    }
  }

  /** A page. */
  String text(String path, Parameter... parameters) {
    URI uri = uri(path, List.of(parameters));
    HttpResponse<String> response = send(uri);
    String body = response.body().strip();
    if (response.statusCode() == 404) {
      throw new Failure(
          Failures.NO_ANSWER,
          "what answers at "
              + address
              + " has no page "
              + path
              + ": is it the admin server of a process with this version of Inmesh?");
    }
    if (response.statusCode() != 200) {
      throw new Failure(
          Failures.NO_ANSWER,
          address
              + " answers "
              + path
              + " with "
              + response.statusCode()
              + (body.isEmpty() ? "" : ": " + body.lines().findFirst().orElse("")));
    }
    return response.body();
  }

  private HttpResponse<String> send(URI uri) {
    HttpRequest request =
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(seconds)).GET().build();
    try {
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(seconds))
          .build()
          .send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (HttpConnectTimeoutException e) {
      throw nobody("cannot be reached within " + seconds + " s");
    } catch (HttpTimeoutException e) {
      throw nobody("has not answered within " + seconds + " s (--timeout)");
    } catch (ConnectException e) {
      throw nobody("refuses connections");
    } catch (IOException e) {
      throw nobody("does not speak HTTP: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw nobody("was not waited for");
    }
  }

  private Failure nobody(String what) {
    return new Failure(
        Failures.NO_ANSWER,
        address
            + " "
            + what
            + ".\n  Does the process run with inmesh.admin.address="
            + address
            + " (off by default)? Another one: --admin HOST:PORT");
  }

  private URI uri(String path, List<Parameter> parameters) {
    StringBuilder text = new StringBuilder("http://" + address + path);
    char before = '?';
    for (Parameter parameter : parameters) {
      text.append(before).append(parameter.name());
      if (!parameter.value().isEmpty()) {
        text.append('=').append(URLEncoder.encode(parameter.value(), StandardCharsets.UTF_8));
      }
      before = '&';
    }
    try {
      URI uri = URI.create(text.toString());
      if (uri.getHost() != null && uri.getPort() > 0) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new Failure(2, "--admin needs HOST:PORT, is '" + address + "'");
  }
}
