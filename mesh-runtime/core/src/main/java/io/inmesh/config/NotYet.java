package io.inmesh.config;

/**
 * Why something that is valid for Envoy cannot be enforced here. Requests that it governs are
 * refused: with 403 where it protects ({@code security}), else with 503; never served as if it were
 * not there.
 *
 * @param resource the xDS resource that asks for it, for the person who reads the log
 * @param field the Envoy field or type, e.g. {@code envoy.filters.http.lua}
 * @param reason what is missing, in words
 */
public record NotYet(String resource, String field, String reason, boolean security) {
  @Override
  public String toString() {
    return field + " in " + resource + ": " + reason;
  }
}
