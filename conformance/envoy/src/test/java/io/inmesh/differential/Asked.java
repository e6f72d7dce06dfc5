package io.inmesh.differential;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes out, byte for byte (ISO-8859-1), and what the upstreams do with it.
 *
 * @param headers names and values in turn
 * @param body null: none
 * @param script what upstreams answer, attempt by attempt: {@link Script}
 */
public record Asked(
    String method,
    String authority,
    String path,
    List<String> headers,
    @Nullable String body,
    String script) {

  /** The header by which an answer finds its request again; on both sides alike. */
  public static final String ID = "x-case";

  public static final String SCRIPT = "x-script";

  static Asked get(String authority, String path, String... headers) {
    return new Asked("GET", authority, path, List.of(headers), null, "200");
  }

  /** The request on the wire. */
  String wire(String id) {
    StringBuilder wire = new StringBuilder(256);
    wire.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    wire.append("host: ").append(authority).append("\r\n");
    for (int i = 0; i < headers.size(); i += 2) {
      wire.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
    }
    wire.append(ID).append(": ").append(id).append("\r\n");
    wire.append(SCRIPT).append(": ").append(script).append("\r\n");
    if (body != null) {
      wire.append("content-length: ").append(body.length()).append("\r\n");
    }
    return wire.append("\r\n").append(body == null ? "" : body).toString();
  }

  /** All values of a header. */
  List<String> all(String name) {
    List<String> values = new java.util.ArrayList<>();
    for (int i = 0; i < headers.size(); i += 2) {
      if (headers.get(i).toLowerCase(Locale.ROOT).equals(name)) {
        values.add(headers.get(i + 1));
      }
    }
    return values;
  }

  @Override
  public String toString() {
    String all = wire("").replace("\r\n", " | ");
    return all.length() > 600 ? all.substring(0, 600) + "... (" + all.length() + ")" : all;
  }
}
