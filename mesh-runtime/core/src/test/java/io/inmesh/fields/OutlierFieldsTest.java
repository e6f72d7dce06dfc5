package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.ResetKind;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code OutlierDetection}: when a host gets no requests any more, and for how long. */
class OutlierFieldsTest {
  private static final String BAD = "10.0.0.1";

  private final Configured mesh = new Configured();

  private void detection(String json) {
    mesh.cluster("reviews", "");
    mesh.cluster("reviews", "'outlier_detection': {'max_ejection_percent': 100, " + json + "}");
  }

  /** The bad host answers so; the others well. True if it is out after that many of its answers. */
  private int answersUntilOut(int status) {
    for (int n = 0; n <= 30; n++) {
      if (out()) {
        return n;
      }
      bad().answer(status);
    }
    return -1;
  }

  private int failuresUntilOut(ResetKind kind) {
    for (int n = 0; n <= 30; n++) {
      if (out()) {
        return n;
      }
      bad().fails(kind);
    }
    return -1;
  }

  /** A call that has met the bad host. */
  private Driven bad() {
    for (int i = 0; i < 1000; i++) {
      Driven call = mesh.get("/");
      if (call.ip().equals(BAD)) {
        return call;
      }
      call.answer(200);
    }
    throw new AssertionError(BAD + " gets nothing");
  }

  private boolean out() {
    return mesh.hostAt(BAD).ejected(mesh.now);
  }

  /** Lets time pass, with requests to the others now and then. */
  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      mesh.now += 1_000 * Configured.MS;
      Driven call = mesh.get("/");
      call.start();
      call.answer(200);
    }
  }

  private int secondsOut() {
    int seconds = 0;
    while (out() && seconds < 2000) {
      pass(1);
      seconds++;
    }
    return seconds;
  }

  @Test
  void withoutDetectionNobodyIsOut() {
    assertThat(answersUntilOut(500)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "'consecutive_5xx: 3', 500, 3",
    "'interval: 1s', 500, 5",
    "'consecutive_5xx: 0', 500, -1",
    "'consecutive_5xx: 3; enforcing_consecutive_5xx: 0', 500, -1",
    "'consecutive_gateway_failure: 2', 503, 5",
    "'consecutive_gateway_failure: 2; enforcing_consecutive_gateway_failure: 100', 503, 2",
    "'consecutive_gateway_failure: 2; enforcing_consecutive_gateway_failure: 100', 500, 5",
    "'enforcing_consecutive_gateway_failure: 100; consecutive_5xx: 20', 503, 5"
  })
  void answersInARowTakeAHostOut(String fields, int status, int after) {
    detection(json(fields));
    assertThat(answersUntilOut(status)).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({
    "'consecutive_5xx: 4', 4",
    "'consecutive_5xx: 4; split_external_local_origin_errors: true', 5",
    "'split_external_local_origin_errors: true; consecutive_local_origin_failure: 2', 2",
    "'consecutive_local_origin_failure: 2', 5",
    "'split_external_local_origin_errors: true; enforcing_consecutive_local_origin_failure: 0', -1"
  })
  void failuresOfOurOwnCountAsToldTo(String fields, int after) {
    detection(json(fields));
    assertThat(failuresUntilOut(ResetKind.CONNECT_FAILURE)).isEqualTo(after);
  }

  private static String json(String fields) {
    StringBuilder json = new StringBuilder();
    for (String field : fields.split(";")) {
      int colon = field.indexOf(':');
      String value = field.substring(colon + 1).strip();
      json.append(json.isEmpty() ? "'" : ", '")
          .append(field.substring(0, colon).strip())
          .append("': ")
          .append(value.endsWith("s") ? "'" + value + "'" : value);
    }
    return json.toString();
  }

  @Test
  void anEjectionLastsTheBaseTimeAndIsEndedAtAnInterval() {
    detection("'interval': '1s'");
    answersUntilOut(500);
    assertThat(secondsOut()).as("30 s unless said").isBetween(30, 31);
    detection("'interval': '1s', 'base_ejection_time': '5s'");
    answersUntilOut(500);
    assertThat(secondsOut()).isBetween(5, 6);
    detection("'interval': '20s', 'base_ejection_time': '5s'");
    answersUntilOut(500);
    assertThat(secondsOut()).isBetween(19, 21);
  }

  @Test
  void ejectionsGetLongerUpToTheMaximum() {
    detection("'interval': '1s', 'base_ejection_time': '5s'");
    assertThat(thirdEjection()).as("300 s unless said").isBetween(14, 17);
    detection("'interval': '1s', 'base_ejection_time': '5s', 'max_ejection_time': '7s'");
    assertThat(thirdEjection()).isBetween(7, 8);
  }

  private int thirdEjection() {
    int seconds = 0;
    for (int i = 0; i < 3; i++) {
      answersUntilOut(500);
      seconds = secondsOut();
    }
    return seconds;
  }

  @Test
  void jitterMakesEjectionsLonger() {
    detection("'interval': '1s', 'base_ejection_time': '5s', 'max_ejection_time_jitter': '40s'");
    int longest = 0;
    for (int i = 0; i < 5; i++) {
      answersUntilOut(500);
      longest = Math.max(longest, secondsOut());
      pass(60);
    }
    assertThat(longest).isBetween(8, 80);
  }

  @Test
  void noMoreThanTheShareIsOut() {
    assertThat(outOf(10, "'max_ejection_percent': 30")).isBetween(3, 4);
    assertThat(outOf(10, "'max_ejection_percent': 60")).isBetween(6, 7);
    assertThat(outOf(10, "'interval': '10s'")).as("10 %% unless said").isOne();
  }

  @Test
  void oneHostMayAlwaysBeOutWhenToldSo() {
    assertThat(outOf(3, "'max_ejection_percent': 0, 'always_eject_one_host': false")).isZero();
    assertThat(outOf(3, "'max_ejection_percent': 0, 'always_eject_one_host': true")).isOne();
  }

  /** All fail. */
  private int outOf(int hosts, String json) {
    String[] ips = new String[hosts];
    for (int i = 0; i < hosts; i++) {
      ips[i] = "10.0." + i + "." + mesh.bits.getAsLong() % 100;
      ips[i] = ips[i].replace("-", "");
    }
    mesh.cluster("reviews", "'outlier_detection': {" + json + "}").hosts(ips);
    for (int i = 0; i < hosts * 12; i++) {
      Driven call = mesh.get("/");
      call.start();
      call.answer(500);
    }
    return Objects.requireNonNull(mesh.clusters.find("reviews")).ejectedHosts();
  }

  // ---- rates

  /** In one interval the bad host fails that often of 100; then, whether it is out. */
  private boolean outByRate(String json, int failures) {
    detection(json + ", 'enforcing_consecutive_5xx': 0, 'interval': '5s'");
    mesh.hosts("10.1.0.9").hosts(BAD, "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6");
    int met = 0;
    while (met < 100) {
      Driven call = mesh.get("/");
      boolean fails = call.ip().equals(BAD) && met++ < failures;
      call.answer(fails ? 500 : 200);
    }
    pass(6);
    return out();
  }

  @Test
  void aHostWithABadSuccessRateIsOut() {
    assertThat(outByRate("'base_ejection_time': '60s'", 60)).isTrue();
    assertThat(outByRate("'enforcing_success_rate': 0", 60)).isFalse();
    assertThat(outByRate("'success_rate_minimum_hosts': 7", 60)).isFalse();
    assertThat(outByRate("'success_rate_request_volume': 200", 60)).isFalse();
    assertThat(outByRate("'success_rate_stdev_factor': 4000", 60)).isFalse();
  }

  @Test
  void aHostThatFailsTooOftenIsOut() {
    String by = "'enforcing_success_rate': 0, 'enforcing_failure_percentage': 100";
    assertThat(outByRate(by, 90)).isTrue();
    assertThat(outByRate(by, 60)).as("85 %% unless said").isFalse();
    assertThat(outByRate(by + ", 'failure_percentage_threshold': 50", 60)).isTrue();
    assertThat(outByRate(by + ", 'failure_percentage_minimum_hosts': 7", 90)).isFalse();
    assertThat(outByRate(by + ", 'failure_percentage_request_volume': 200", 90)).isFalse();
    assertThat(outByRate("'enforcing_success_rate': 0", 90)).as("0 %% unless said").isFalse();
  }
}
