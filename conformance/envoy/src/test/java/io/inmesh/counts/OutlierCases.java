package io.inmesh.counts;

import java.util.List;

/** Ejection and return. The detector's own interval is short, so that nobody waits long. */
final class OutlierCases {
  private static final int MOST = 100;

  private OutlierCases() {}

  static List<Case> all() {
    return List.of(
        afterFailures("out after three 5xx", "\"consecutive_5xx\":3", "h1=500 *=200", 3),
        afterFailures(
            "out after two gateway errors",
            "\"consecutive_gateway_failure\":2,\"enforcing_consecutive_gateway_failure\":100",
            "h1=503 *=200",
            2),
        afterFailures(
            "a gRPC status in the head counts", "\"consecutive_5xx\":2", "h1=200+g *=200", 2),
        afterFailures("a dropped connection is a 5xx", "\"consecutive_5xx\":2", "h1=drop *=200", 2),
        stays(
            "500 is no gateway error",
            "\"consecutive_gateway_failure\":2,\"enforcing_consecutive_gateway_failure\":100,\"consecutive_5xx\":99",
            "h1=500 *=200"),
        stays("a success between begins anew", "\"consecutive_5xx\":3", "h1=500/500/200 *=200"),
        stays(
            "detected and not enforced",
            "\"consecutive_5xx\":2,\"enforcing_consecutive_5xx\":0",
            "h1=500 *=200"),
        stays(
            "a connection that came about is no local failure",
            "\"consecutive_5xx\":99,\"split_external_local_origin_errors\":true,\"consecutive_local_origin_failure\":2",
            "h1=drop *=200"),
        refused("refused connections count as 503", "\"consecutive_5xx\":3", 3),
        refused(
            "refused connections as local failures",
            "\"consecutive_5xx\":2,\"split_external_local_origin_errors\":true,\"consecutive_local_origin_failure\":4",
            4),
        atMost("at most half is out", "\"max_ejection_percent\":50", 2),
        atMost("at most one of four by a quarter", "\"max_ejection_percent\":25", 1),
        atMost(
            "none where the share is too small",
            "\"max_ejection_percent\":10,\"always_eject_one_host\":false",
            0),
        atMost(
            "one is always let out when told so",
            "\"max_ejection_percent\":10,\"always_eject_one_host\":true",
            1),
        slow(),
        returns(),
        bySuccessRate(),
        byFailurePercentage(),
        everyoneOut());
  }

  private static String detection(String fields) {
    return "\"outlier_detection\":{\"interval\":\"0.3s\",\"base_ejection_time\":\"60s\",\"max_ejection_percent\":100,"
        + fields
        + "}";
  }

  private static Case cluster(String name, String members, String detection) {
    return Case.of(name, members).cluster(detection(detection));
  }

  /** Sends until a host has failed so often. */
  private static void fail(Side side, String script, String host, int times, String... headers)
      throws Exception {
    int before = side.countOf(host);
    for (int i = 0; i < MOST && side.countOf(host) < before + times; i++) {
      side.send(script, headers);
    }
  }

  private static Case afterFailures(String name, String fields, String script, int times) {
    String type = script.contains("+g") ? "application/grpc" : "text/plain";
    return cluster(name, "h0 h1 h2", fields)
        .played(
            "h1 got " + times,
            side -> {
              fail(side, script, "h1", times, "content-type", type);
              side.awaitEjected(1);
              side.send(30, script);
              return "h1 got " + side.countOf("h1");
            },
            Judgement.EXACT.butHosts());
  }

  private static Case stays(String name, String fields, String script) {
    return cluster(name, "h0 h1 h2", fields)
        .played(
            "nobody is out",
            side -> {
              side.send(60, script);
              side.awaitEjected(0);
              return "nobody is out";
            });
  }

  private static Case refused(String name, String fields, int times) {
    return cluster(name, "h0 r0", fields)
        .played(
            times + " failed",
            side -> {
              int failed = 0;
              for (int i = 0; i < MOST && failed < times; i++) {
                failed += side.send("*=200") == 503 ? 1 : 0;
              }
              side.awaitEjected(1);
              for (int i = 0; i < 20; i++) {
                failed += side.send("*=200") == 503 ? 1 : 0;
              }
              return failed + " failed";
            },
            Judgement.EXACT.butHosts());
  }

  /** All hosts fail all the time; the cluster is out of panic whatever happens. */
  private static Case atMost(String name, String share, int out) {
    return cluster(name, "h0 h1 h2 h3", "\"consecutive_5xx\":2," + share)
        .cluster("\"common_lb_config\":{\"healthy_panic_threshold\":{\"value\":0}}")
        .played(
            out + " out",
            side -> {
              side.send(60, "*=500");
              side.awaitEjected(out);
              return out + " out";
            },
            Judgement.EXACT.butHosts());
  }

  private static Case slow() {
    return cluster(
            "time-outs are gateway errors",
            "h0 h1",
            "\"consecutive_gateway_failure\":2,\"enforcing_consecutive_gateway_failure\":100,\"consecutive_5xx\":99")
        .route("\"timeout\":\"0.15s\"")
        .played(
            "h1 got 2",
            side -> {
              fail(side, "h1=hold *=200", "h1", 2);
              side.awaitEjected(1);
              side.send(10, "h1=hold *=200");
              return "h1 got " + side.countOf("h1");
            },
            Judgement.EXACT.butHosts());
  }

  private static Case returns() {
    return Case.of("comes back after its time and stays out longer the second time", "h0 h1")
        .cluster(
            "\"outlier_detection\":{\"interval\":\"0.2s\",\"base_ejection_time\":\"0.5s\",\"max_ejection_time\":\"10s\",\"max_ejection_percent\":100,\"consecutive_5xx\":2}")
        .played(
            "h1 got 2, 5 after its return, 2 more; out for its time, then for twice that",
            side -> {
              long first = side.millis();
              fail(side, "h1=500 *=200", "h1", 2);
              side.awaitEjected(1);
              int got = side.countOf("h1");
              side.awaitEjected(0);
              first = side.millis() - first;
              side.send(10, "*=200");
              int again = side.countOf("h1") - got;
              long second = side.millis();
              fail(side, "h1=500 *=200", "h1", 2);
              side.awaitEjected(1);
              int more = side.countOf("h1") - got - again;
              side.awaitEjected(0);
              second = side.millis() - second;
              return "h1 got %d, %d after its return, %d more; out for its time, then for %s"
                  .formatted(
                      got,
                      again,
                      more,
                      first >= 500 && second >= 1000 ? "twice that" : first + " and " + second);
            },
            Judgement.EXACT.butHosts());
  }

  private static Case bySuccessRate() {
    return cluster(
            "out by success rate",
            "h0 h1 h2 h3 h4",
            "\"consecutive_5xx\":9999,\"success_rate_minimum_hosts\":5,\"success_rate_request_volume\":10,\"success_rate_stdev_factor\":1100,\"enforcing_success_rate\":100")
        .played(
            "h1 is out",
            side -> {
              side.send(250, "h1=500/200 *=200");
              side.awaitEjected(1);
              int before = side.countOf("h1");
              side.send(40, "*=200");
              return side.countOf("h1") == before ? "h1 is out" : "h1 is asked";
            },
            Judgement.EXACT.butHosts().butOutcomes());
  }

  private static Case byFailurePercentage() {
    return cluster(
            "out by failure percentage",
            "h0 h1 h2 h3 h4",
            "\"consecutive_5xx\":9999,\"enforcing_success_rate\":0,\"failure_percentage_minimum_hosts\":5,\"failure_percentage_request_volume\":10,\"failure_percentage_threshold\":40,\"enforcing_failure_percentage\":100")
        .played(
            "h1 is out, h2 is not",
            side -> {
              side.send(250, "h1=500/200 h2=500/200/200/200/200 *=200");
              side.awaitEjected(1);
              int before = side.countOf("h1");
              side.send(40, "*=200");
              return side.countOf("h1") == before ? "h1 is out, h2 is not" : "h1 is asked";
            },
            Judgement.EXACT.butHosts().butOutcomes());
  }

  private static Case everyoneOut() {
    return cluster("with everyone out everyone is asked", "h0 h1 h2", "\"consecutive_5xx\":1")
        .played(
            "3 out, then answered 30",
            side -> {
              side.send(30, "*=500");
              side.awaitEjected(3);
              int answered = 0;
              for (int i = 0; i < 30; i++) {
                answered += side.send("*=200") == 200 ? 1 : 0;
              }
              return "3 out, then answered " + answered;
            },
            Judgement.EXACT.butHosts().butOutcomes());
  }
}
