package io.inmesh.fields;

import static io.inmesh.fields.Configured.host;
import static io.inmesh.fields.Configured.locality;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code RetryPolicy} and {@code HedgePolicy}: when another attempt is made, where and how soon.
 */
class RetryFieldsTest {
  private static final String ON_5XX = "'retry_policy': {'retry_on': '5xx'";

  private final Configured mesh = new Configured();

  /** Answers every attempt alike. */
  private int attempts(Driven call, int status, String... headers) {
    int attempts = 0;
    while (call.tries()) {
      attempts++;
      call.answer(status, headers);
      if (call.peek() == null || call.outcome().status() == 0) {
        call.toDeadline();
      }
    }
    return attempts;
  }

  @ParameterizedTest
  @CsvSource({
    "5xx, 500, , true",
    "5xx, 404, , false",
    "gateway-error, 502, , true",
    "gateway-error, 500, , false",
    "retriable-4xx, 409, , true",
    "retriable-4xx, 400, , false",
    "envoy-ratelimited, 429, x-envoy-ratelimited, true",
    "5xx, 503, x-envoy-ratelimited, false",
    "'cancelled', 200, grpc-status=1, true",
    "'deadline-exceeded', 200, grpc-status=4, true",
    "'resource-exhausted', 200, grpc-status=8, true",
    "'internal', 200, grpc-status=13, true",
    "'unavailable,internal', 200, grpc-status=14, true",
    "'unavailable', 200, grpc-status=13, false",
    "reset, 503, , false",
  })
  void retryOnSaysWhichAnswersAreRetried(String on, int status, String header, boolean again) {
    mesh.action("'retry_policy': {'retry_on': '" + on + "'}");
    String[] headers = {};
    if (header != null) {
      int equals = header.indexOf('=');
      headers =
          equals < 0
              ? new String[] {header, "true"}
              : new String[] {header.substring(0, equals), header.substring(equals + 1)};
    }
    assertThat(attempts(mesh.get("/"), status, headers)).isEqualTo(again ? 2 : 1);
  }

  @ParameterizedTest
  @CsvSource({
    "connect-failure, CONNECT_FAILURE, true",
    "connect-failure, REMOTE_RESET, false",
    "refused-stream, REFUSED_STREAM, true",
    "refused-stream, CONNECT_FAILURE, false",
    "reset, REMOTE_RESET, true",
    "reset-before-request, CONNECT_FAILURE, true",
    "retriable-4xx, CONNECT_FAILURE, false",
  })
  void retryOnSaysWhichFailuresAreRetried(String on, ResetKind kind, boolean again) {
    mesh.action("'retry_policy': {'retry_on': '" + on + "'}");
    Driven call = mesh.get("/");
    call.start();
    if (!kind.name().startsWith("CONNECT")) {
      call.sent();
    }
    call.fails(kind).toDeadline();
    assertThat(call.tries()).isEqualTo(again);
  }

  @Test
  void numRetriesIsOneUnlessSaid() {
    assertThat(attempts(mesh.get("/"), 503)).as("no policy").isOne();
    mesh.action(ON_5XX + "}");
    assertThat(attempts(mesh.get("/"), 503)).isEqualTo(2);
    mesh.action(ON_5XX + ", 'num_retries': 3}");
    assertThat(attempts(mesh.get("/"), 503)).isEqualTo(4);
    mesh.action(ON_5XX + ", 'num_retries': 0}");
    assertThat(attempts(mesh.get("/"), 503)).isOne();
  }

  @Test
  void theVirtualHostsPolicyHoldsForRoutesWithoutOne() {
    mesh.virtualHost("'retry_policy': {'retry_on': '5xx', 'num_retries': 2}");
    assertThat(attempts(mesh.get("/"), 503)).isEqualTo(3);
    mesh.action("'retry_policy': {'retry_on': 'reset'}");
    assertThat(attempts(mesh.get("/"), 503)).isOne();
  }

  @Test
  void onlyTheStatusCodesThatAreNamedAreRetried() {
    mesh.action(
        "'retry_policy': {'retry_on': 'retriable-status-codes', 'retriable_status_codes': [418]}");
    assertThat(attempts(mesh.get("/"), 418)).isEqualTo(2);
    assertThat(attempts(mesh.get("/"), 503)).isOne();
  }

  @Test
  void answersAreRetriedByTheirHeaders() {
    mesh.action(
        "'retry_policy': {'retry_on': 'retriable-headers', 'retriable_headers': [{'name':"
            + " 'x-again', 'string_match': {'exact': 'yes'}}]}");
    assertThat(attempts(mesh.get("/"), 200, "x-again", "yes")).isEqualTo(2);
    assertThat(attempts(mesh.get("/"), 200, "x-again", "no")).isOne();
  }

  @Test
  void onlyRequestsWithTheHeadersThatAreNamedAreRetried() {
    mesh.action(
        ON_5XX + ", 'retriable_request_headers': [{'name': 'x-safe', 'present_match': true}]}");
    assertThat(attempts(mesh.get("/", "x-safe", "1"), 503)).isEqualTo(2);
    assertThat(attempts(mesh.get("/"), 503)).isOne();
  }

  @Test
  void anAttemptThatTakesTooLongIsGivenUpForAnother() {
    mesh.action(ON_5XX + ", 'per_try_timeout': '0.2s'}, 'timeout': '60s'");
    Driven call = mesh.get("/");
    call.start();
    assertThat(call.toDeadline()).isEqualTo(200);
    call.toDeadline();
    assertThat(call.tries()).isTrue();
    call.toDeadline();
    assertThat(call.response().status()).isEqualTo(504);
    assertThat(call.outcome().details()).isEqualTo("upstream_per_try_timeout");
  }

  @Test
  void anAttemptOnWhichNothingMovesIsGivenUpForAnother() {
    mesh.action(ON_5XX + ", 'per_try_idle_timeout': '0.3s'}, 'timeout': '60s'");
    Driven call = mesh.get("/");
    call.start();
    call.later(200).sent().later(200).quiet();
    assertThat(call.toDeadline()).isEqualTo(100);
    call.toDeadline();
    assertThat(call.tries()).isTrue();
    call.toDeadline();
    assertThat(call.response().status()).isEqualTo(504);
    assertThat(call.outcome().details()).isEqualTo("upstream_per_try_idle_timeout");
  }

  @Test
  void theBackOffGrowsFromTheBaseIntervalToTheMaximum() {
    mesh.bits = () -> 0x0fff_ffff_ffff_ffffL;
    mesh.action(
        ON_5XX
            + ", 'num_retries': 9, 'retry_back_off': {'base_interval': '0.4s', 'max_interval':"
            + " '1s'}}, 'timeout': '0s'");
    assertThat(longestWait(1)).isBetween(25L, 400L);
    assertThat(longestWait(9)).isBetween(401L, 1000L);
    mesh.action(
        ON_5XX
            + ", 'num_retries': 9, 'retry_back_off': {'base_interval': '0.4s'}}, 'timeout': '0s'");
    assertThat(longestWait(9)).as("ten times the base").isBetween(1001L, 4000L);
    mesh.action(ON_5XX + ", 'num_retries': 9}, 'timeout': '0s'");
    assertThat(longestWait(9)).as("25 to 250 ms").isBetween(26L, 250L);
  }

  /** Over many calls, before the n-th retry. */
  private long longestWait(int retry) {
    Random dice = new Random(1);
    mesh.bits = dice::nextLong;
    long longest = 0;
    for (int i = 0; i < 60; i++) {
      Driven call = mesh.get("/");
      long waited = 0;
      for (int n = 0; n < retry; n++) {
        call.start();
        call.answer(503);
        call.skipCancels();
        waited = call.toDeadline();
      }
      longest = Math.max(longest, waited);
      call.on(new Event.CallerGone());
    }
    return longest;
  }

  @Test
  void previousHostsAreAvoidedAsOftenAsTheAttemptsAllow() {
    String avoid =
        ", 'num_retries': 2, 'retry_host_predicate': [{'name': 'p', 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'}}]";
    mesh.cluster("reviews", "'lb_policy': 'RANDOM'");
    assertThat(repeated(ON_5XX + ", 'num_retries': 2}")).as("without").isPositive();
    int once = repeated(ON_5XX + avoid + ", 'host_selection_retry_max_attempts': 1}");
    int often = repeated(ON_5XX + avoid + ", 'host_selection_retry_max_attempts': 40}");
    assertThat(once).isPositive();
    assertThat(often).isZero();
  }

  /** Of 60 calls with three attempts, how many met a host twice. */
  private int repeated(String action) {
    mesh.action(action);
    int repeated = 0;
    for (int i = 0; i < 60; i++) {
      Driven call = mesh.get("/");
      Set<String> met = new HashSet<>();
      for (int n = 0; n < 3; n++) {
        met.add(call.ip());
        call.answer(503);
        call.skipCancels();
        call.toDeadline();
      }
      repeated += met.size() < 3 ? 1 : 0;
    }
    return repeated;
  }

  @Test
  void prioritiesOfFailedAttemptsAreLeftAsOftenAsTheyAreUpdated() {
    mesh.endpoints(
        "reviews",
        "'endpoints': ["
            + locality("'priority': 0", host("10.0.0.1", ""))
            + ","
            + locality("'priority': 1", host("10.1.0.1", ""))
            + "]");
    mesh.action(ON_5XX + ", 'num_retries': 3}");
    assertThat(path()).isEqualTo("10.0.0.1 10.0.0.1 10.0.0.1 10.0.0.1");
    mesh.action(ON_5XX + ", 'num_retries': 3, " + priorities(1) + "}");
    assertThat(path()).startsWith("10.0.0.1 10.1.0.1");
    mesh.action(ON_5XX + ", 'num_retries': 3, " + priorities(2) + "}");
    assertThat(path()).startsWith("10.0.0.1 10.0.0.1 10.1.0.1 10.1.0.1");
  }

  private static String priorities(int frequency) {
    return "'retry_priority': {'name': 'p', 'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',"
        + " 'update_frequency': "
        + frequency
        + "}}";
  }

  private String path() {
    StringBuilder path = new StringBuilder();
    Driven call = mesh.get("/");
    for (int n = 0; n < 4; n++) {
      path.append(call.ip()).append(' ');
      call.answer(503);
      call.skipCancels();
      call.toDeadline();
    }
    return path.toString().strip();
  }

  @Test
  void aHedgeLeavesTheSlowAttemptRunning() {
    String slow = ON_5XX + ", 'per_try_timeout': '0.2s'}";
    mesh.action(slow + ", 'hedge_policy': {'hedge_on_per_try_timeout': true}");
    assertThat(hedges()).isTrue();
    mesh.action(slow);
    assertThat(hedges()).isFalse();
    mesh.virtualHost("'hedge_policy': {'hedge_on_per_try_timeout': true}");
    assertThat(hedges()).as("from the virtual host").isTrue();
    mesh.action(slow + ", 'hedge_policy': {'hedge_on_per_try_timeout': false}");
    assertThat(hedges()).isFalse();
  }

  /** The first attempt answers after its time-out, while the second runs. */
  @Test
  void aHedgeAsksNeitherForTheKindOfTimeoutNorForTheRequestsHeaders() {
    mesh.action(
        "'retry_policy': {'retry_on': 'connect-failure', 'per_try_idle_timeout': '0.2s',"
            + " 'retriable_request_headers': [{'name': 'x-never', 'present_match': true}]},"
            + " 'hedge_policy': {'hedge_on_per_try_timeout': true}");
    Driven call = mesh.get("/");
    assertThat(call.start().head().headers().first("x-envoy-expected-rq-timeout-ms"))
        .as("a try that runs on has the whole time")
        .isEqualTo("15000");
    assertThat(call.toDeadline()).isEqualTo(200);
    assertThat(call.peek()).isInstanceOf(Command.Start.class);
  }

  private boolean hedges() {
    Driven call = mesh.get("/");
    call.start();
    call.toDeadline();
    return !(call.peek() instanceof Command.Cancel);
  }

  @Test
  void retriableHeadersAreThoseOfTheResponse() {
    String retry = "'retry_policy': {'retry_on': 'retriable-headers', 'retriable_headers': [%s]}";
    mesh.action(retry.formatted("{'name': ':status', 'string_match': {'exact': '418'}}"));
    assertThat(attempts(mesh.get("/"), 418)).isEqualTo(2);
    assertThat(attempts(mesh.get("/"), 503)).isEqualTo(1);
    mesh.action(retry.formatted("{'name': 'host', 'present_match': true}"));
    assertThat(attempts(mesh.get("/"), 503)).as("a response has no host").isEqualTo(1);
    assertThat(attempts(mesh.get("/"), 503, "host", "it does")).isEqualTo(2);
    mesh.action(retry.formatted("{'name': ':path', 'present_match': true}"));
    assertThat(attempts(mesh.get("/"), 503)).isEqualTo(1);
  }
}
