package io.inmesh.grpc;

import static io.inmesh.grpc.EchoServer.echo;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.config.TestTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All four call types while endpoints come and go every 100 ms: no call fails. 3 s; a minute with
 * {@code -Pnightly}.
 */
@Timeout(180)
class ChurnTest extends MeshChannelFixture {
  private static final long SECONDS = Boolean.getBoolean("inmesh.ledger.mutate") ? 60 : 3;
  private static final List<MethodDescriptor<String, String>> TYPES =
      List.of(EchoServer.ONCE, EchoServer.COLLECT, EchoServer.SPREAD, EchoServer.TALK);

  private final Map<String, LongAdder> good = new ConcurrentHashMap<>();
  private final List<String> failures = new ArrayList<>();

  @Test
  void noCallFailsWhileEndpointsComeAndGo() throws Exception {
    int[] ports = new int[4];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = server(echo("")).port();
    }
    cluster("echo", ports);
    routes(TestTables.to("echo"));
    ScheduledExecutorService churn = Executors.newSingleThreadScheduledExecutor();
    AtomicInteger turn = new AtomicInteger();
    AtomicInteger changes = new AtomicInteger();
    churn.scheduleAtFixedRate(
        () -> {
          // each turn another one is missing
          int missing = turn.getAndIncrement() % ports.length;
          int[] left = new int[ports.length - 1];
          for (int i = 0, to = 0; i < ports.length; i++) {
            if (i != missing) {
              left[to++] = ports[i];
            }
          }
          cluster("echo", left);
          changes.incrementAndGet();
        },
        100,
        100,
        TimeUnit.MILLISECONDS);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (MethodDescriptor<String, String> type : TYPES) {
      callers.add(CompletableFuture.runAsync(() -> callUntil(end, type)));
    }
    for (CompletableFuture<Void> caller : callers) {
      caller.get(SECONDS + 60, TimeUnit.SECONDS);
    }
    churn.shutdownNow();
    System.out.println("ChurnTest: " + good + ", endpoints changed " + changes + " times");
    assertThat(failures).isEmpty();
    assertThat(good).hasSize(TYPES.size());
    assertThat(changes.get()).isGreaterThan(5);
  }

  private void callUntil(long end, MethodDescriptor<String, String> type) {
    LongAdder counted = good.computeIfAbsent(type.getFullMethodName(), t -> new LongAdder());
    for (int i = 0; System.nanoTime() < end; i++) {
      String failure = call(type, i);
      if (failure == null) {
        counted.increment();
      } else {
        synchronized (failures) {
          failures.add(failure);
        }
      }
    }
  }

  private String call(MethodDescriptor<String, String> type, int number) {
    try {
      Talk talk = new Talk(channel.newCall(type, CallOptions.DEFAULT), new io.grpc.Metadata());
      boolean many = !type.getType().clientSendsOneMessage();
      int count = many ? 5 : 1;
      talk.call.request(count);
      for (int i = 0; i < count; i++) {
        talk.call.sendMessage("m" + i);
        if (type == EchoServer.TALK && number % 50 == 0) {
          talk.next(); // a conversation that outlives some changes
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
      talk.call.halfClose();
      Status status = talk.end();
      return status.isOk() ? null : type.getFullMethodName() + " " + number + ": " + status;
    } catch (Exception e) {
      return type.getFullMethodName() + " " + number + ": " + e;
    }
  }
}
