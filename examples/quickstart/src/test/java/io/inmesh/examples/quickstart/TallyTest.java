package io.inmesh.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Nothing that goes wrong is counted as gone well. */
class TallyTest {
  private final Tally tally = new Tally();

  private static Review review(int status, String body, String server) {
    return new Review(status, body, Fields.parse("review " + body), server);
  }

  private Fields counted() {
    return Fields.parse(tally.line("window"));
  }

  @Test
  void anExceptionAndAnyStatusBut200AreFailedRequests() {
    tally.start();
    tally.failed(new IOException("unexpected end of stream"));
    tally.start();
    tally.answered(review(503, "no healthy upstream", "nobody"));
    tally.start();
    tally.answered(review(200, "a page of something else", "nobody"));
    assertThat(counted().number("failed")).isEqualTo(3);
    assertThat(counted().number("requests")).isEqualTo(3);
  }

  @Test
  void anAnswerCutOffAfterItsHeadIsCountedApart() {
    tally.start();
    tally.failed(new Review.CutOff(new IOException("reset")));
    assertThat(counted().number("cut")).isOne();
    assertThat(counted().number("failed")).isZero();
  }

  @Test
  void retriesAndAnswersWithoutIdentityAreSeen() {
    tally.start();
    tally.answered(review(200, "version=v2 attempt=3 caller=spiffe://a", "spiffe://b"));
    tally.start();
    tally.answered(review(200, "version=v1 attempt=1 caller=nobody", "spiffe://b"));
    Fields counted = counted();
    assertThat(counted.number("retried")).isOne();
    assertThat(counted.number("retries")).isEqualTo(2);
    assertThat(counted.number("unidentified")).isOne();
    assertThat(counted.number("v1")).isOne();
    assertThat(counted.number("v2")).isOne();
  }
}
