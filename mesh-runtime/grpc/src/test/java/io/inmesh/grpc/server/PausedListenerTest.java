package io.inmesh.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ServerCall;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An RPC that a filter holds: its events wait, in order, and no thread does. */
class PausedListenerTest {
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final ServerCall.Listener<Integer> application =
      new ServerCall.Listener<>() {
        @Override
        public void onMessage(Integer message) {
          heard.add("message " + message + (Thread.currentThread() == test ? " here" : ""));
          if (message == 3) {
            throw new IllegalStateException("the application's own defect");
          }
        }

        @Override
        public void onHalfClose() {
          heard.add("half close");
        }

        @Override
        public void onComplete() {
          heard.add("complete");
        }
      };
  private final Thread test = Thread.currentThread();

  @AfterEach
  void stop() {
    workers.shutdownNow();
  }

  @Test
  void eventsComeInOrderOnceTheWaitIsOverAndNoneIsLost() {
    PausedListener<Integer> paused =
        new PausedListener<>(workers, () -> application, () -> heard.add("gone"));
    paused.onMessage(1);
    paused.onMessage(2);
    assertThat(heard).isEmpty();
    paused.go();
    paused.onMessage(3);
    paused.onHalfClose();
    paused.onComplete();
    await()
        .untilAsserted(
            () ->
                assertThat(heard)
                    .containsExactly(
                        "message 1", "message 2", "message 3", "half close", "complete"));
  }

  @Test
  void nobodyHearsOfAnRpcThatIsRefused() {
    PausedListener<Integer> paused =
        new PausedListener<>(
            workers,
            () -> {
              throw new AssertionError("not to be started");
            },
            () -> heard.add("gone"));
    paused.onMessage(1);
    paused.onCancel();
    paused.drop();
    paused.onComplete();
    assertThat(heard).containsExactly("gone");
  }
}
