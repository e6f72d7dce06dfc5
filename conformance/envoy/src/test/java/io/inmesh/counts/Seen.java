package io.inmesh.counts;

import java.util.List;

/**
 * What became of one request.
 *
 * @param flags and {@code details} in Envoy's words; empty: none
 * @param attempts as the proxy counts them
 * @param hosts that got it, attempt by attempt
 */
record Seen(int status, String flags, String details, int attempts, List<String> hosts) {
  /** In short: {@code 503 UO upstream_reset_before_response_started{overflow}}. */
  String outcome() {
    // the transport's own words are the transport's
    int bar = details.indexOf('|');
    String said = bar < 0 ? details : details.substring(0, bar) + "}";
    return (status + " " + flags + " " + said).replace("  ", " ");
  }
}
