package io.inmesh.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A request body for several attempts: what is kept, for how long, and that all of it is let go.
 */
class ReplayBufferTest {
  private final List<String> released = new ArrayList<>();
  private final ReplayBuffer<String> body =
      new ReplayBuffer<>(
          new ReplayBuffer.Chunks<>() {
            @Override
            public long size(String chunk) {
              return chunk.length();
            }

            @Override
            public String share(String chunk) {
              return chunk;
            }

            @Override
            public void release(String chunk) {
              released.add(chunk);
            }
          },
          10);

  private static String rest(ReplayBuffer<String>.Reader reader) {
    StringBuilder all = new StringBuilder();
    for (String chunk; (chunk = reader.next()) != null; ) {
      all.append(chunk);
    }
    return all.toString();
  }

  @Test
  void eachAttemptReadsTheWholeBody() {
    body.write("ab");
    ReplayBuffer<String>.Reader first = body.reader();
    assertThat(rest(first)).isEqualTo("ab");
    body.write("cd");
    assertThat(rest(first)).isEqualTo("cd");
    assertThat(first.finished()).isFalse();
    first.close();
    ReplayBuffer<String>.Reader second = body.reader();
    assertThat(rest(second)).isEqualTo("abcd");
    body.end();
    assertThat(second.finished()).isTrue();
    assertThat(released).isEmpty();
  }

  @Test
  void twoAttemptsReadAtTheirOwnPace() {
    ReplayBuffer<String>.Reader slow = body.reader();
    ReplayBuffer<String>.Reader quick = body.reader();
    body.write("ab");
    body.write("cd");
    assertThat(rest(quick)).isEqualTo("abcd");
    assertThat(slow.next()).isEqualTo("ab");
    body.commit();
    assertThat(released).as("the slow one has passed it").containsExactly("ab");
    assertThat(slow.next()).isEqualTo("cd");
    assertThat(released).containsExactly("ab", "cd");
  }

  @Test
  void pastTheLimitOnlyTheRestIsKeptAndItIsSaidOnce() {
    ReplayBuffer<String>.Reader reader = body.reader();
    assertThat(body.write("0123456789")).isFalse();
    assertThat(rest(reader)).isEqualTo("0123456789");
    assertThat(body.replayable()).isTrue();
    assertThat(body.write("x")).as("tell the call").isTrue();
    assertThat(body.write("y")).isFalse();
    assertThat(released).containsExactly("0123456789");
    assertThat(rest(reader)).isEqualTo("xy");
    assertThat(body.bytes()).isZero();
    assertThatThrownBy(body::reader).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void afterTheCommitNothingThatWasSentIsKept() {
    ReplayBuffer<String>.Reader reader = body.reader();
    body.write("ab");
    reader.next();
    body.commit();
    assertThat(released).containsExactly("ab");
    body.write("cd");
    assertThat(body.bytes()).isEqualTo(2);
    reader.next();
    assertThat(body.bytes()).isZero();
  }

  @Test
  void theBacklogIsWhatEvenTheFastestHasNotTaken() {
    body.write("ab");
    assertThat(body.backlog()).as("nobody reads yet").isEqualTo(2);
    ReplayBuffer<String>.Reader reader = body.reader();
    body.reader();
    body.write("cde");
    reader.next();
    assertThat(body.backlog()).isEqualTo(3);
    reader.next();
    assertThat(body.backlog()).isZero();
    reader.close();
    assertThat(body.backlog()).isEqualTo(5);
  }

  @Test
  void atTheEndOfTheCallEverythingIsLetGoOnce() {
    body.reader().next();
    body.write("ab");
    body.write("cd");
    ReplayBuffer<String>.Reader reader = body.reader();
    reader.next();
    body.close();
    body.close();
    assertThat(released).containsExactly("ab", "cd");
    assertThat(reader.next()).isNull();
    body.write("late");
    assertThat(released).containsExactly("ab", "cd", "late");
    assertThat(body.bytes()).isZero();
  }
}
