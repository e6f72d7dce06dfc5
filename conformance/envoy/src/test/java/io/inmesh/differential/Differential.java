package io.inmesh.differential;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;

/**
 * A run: scenarios generated from a seed, asked of both sides in batches, compared. jqwik generates
 * and shrinks; the loop is our own, since one Envoy serves a batch.
 */
final class Differential {
  static final int REQUESTS = 20;
  private static final int BATCH = 50;
  private static final int FLIGHTS = Integer.getInteger("inmesh.diff.flights", 3);
  private static final int PROGRESS = 50_000;
  private static final int MOST_COLLECTED = 200;
  private static final int MOST_SHOWN = 5;
  private static final int ASKED_AGAIN = 2;
  private static final int ASKED_AFTER_TIMEOUT = 8;
  private static final long SHRINKING_NANOS = 40_000_000_000L;

  /** A scenario with what Envoy answered. */
  record Judged(Scenario scenario, List<Answer> envoy) {}

  /** Pairs that differ, with the scenario that made them. */
  record Difference(Shrinkable<Scenario> made, Asked request, List<String> what) {
    @Override
    public String toString() {
      return request + "\n    " + String.join("\n    ", what);
    }
  }

  final Coverage coverage = new Coverage();
  final List<Difference> differences = new ArrayList<>();
  final List<Judged> sample = new ArrayList<>();

  /** Hash codes of them: a million pairs have too many to keep. */
  final Set<Integer> configurations = new HashSet<>();

  int pairs;
  final AtomicInteger askedAgain = new AtomicInteger();
  int refusedBefore;
  private final EnvoySide envoy;
  private final Upstreams upstreams;

  Differential(Path work, Upstreams upstreams) {
    this.upstreams = upstreams;
    this.envoy = new EnvoySide(work, upstreams);
  }

  /**
   * Runs until so many pairs are compared; keeps the first scenarios as a sample. Several batches
   * are under way at once, since most of their time is waiting; they count in their order.
   */
  void run(Arbitrary<Scenario> scenarios, long seed, int wanted, int sampled) throws Exception {
    RandomGenerator<Scenario> generator = scenarios.generator(1000, false);
    Random random = new Random(seed);
    ExecutorService flights = Executors.newFixedThreadPool(FLIGHTS);
    Deque<Future<Compared>> flying = new ArrayDeque<>();
    long begun = System.nanoTime();
    try {
      for (int asked = 0; pairs < wanted && differences.size() < MOST_COLLECTED; ) {
        while (flying.size() < FLIGHTS && asked < wanted) {
          List<Shrinkable<Scenario>> made = new ArrayList<>();
          List<Scenario> values = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            made.add(generator.next(random));
            values.add(made.get(i).value());
          }
          asked += BATCH * REQUESTS;
          flying.add(flights.submit(() -> compare(made, values)));
        }
        count(flying.remove().get(), sampled, begun);
      }
    } finally {
      flights.shutdownNow();
    }
  }

  /** One batch with what differs, in which scenario. */
  private record Compared(List<Judged> judged, Map<Integer, List<Difference>> differences) {}

  private Compared compare(List<Shrinkable<Scenario>> made, List<Scenario> values)
      throws Exception {
    List<List<Answer>> answers = envoy.ask(values);
    List<Judged> judged = new ArrayList<>();
    Map<Integer, List<Difference>> found = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      Judged one = new Judged(values.get(i), answers.get(i));
      judged.add(one);
      List<Difference> differ = compare(made.get(i), one);
      if (!differ.isEmpty()) {
        found.put(i, differ);
      }
    }
    return new Compared(judged, found);
  }

  private void count(Compared batch, int sampled, long begun) {
    for (int i = 0; i < batch.judged.size(); i++) {
      Judged judged = batch.judged.get(i);
      pairs += judged.envoy.size();
      configurations.add(judged.scenario.manager().toByteString().hashCode());
      judged.envoy.forEach(answer -> coverage.add(judged.scenario, answer));
      List<Difference> differ = batch.differences.getOrDefault(i, List.of());
      differences.addAll(differ);
      differ.forEach(one -> System.err.println("differential: differs: " + one));
      if (sample.size() < sampled && differ.isEmpty()) {
        sample.add(judged);
      }
    }
    if (pairs % PROGRESS < BATCH * REQUESTS) {
      System.out.printf(
          "differential: %d pairs after %d s, %d differ, %d asked again%n",
          pairs, (System.nanoTime() - begun) / 1_000_000_000, differences.size(), askedAgain.get());
    }
  }

  /** The same through the real adapters, compared from what library and container hand over. */
  int onSockets(Arbitrary<Scenario> scenarios, long seed, int wanted) throws Exception {
    RandomGenerator<Scenario> generator = scenarios.generator(1000, false);
    Random random = new Random(seed);
    int compared = 0;
    try (OnSockets sockets = new OnSockets(upstreams)) {
      while (compared < wanted && differences.size() < MOST_COLLECTED) {
        List<Shrinkable<Scenario>> made = new ArrayList<>();
        List<OnSockets.Handed> handed = new ArrayList<>();
        while (made.size() < BATCH) {
          Shrinkable<Scenario> next = generator.next(random);
          // plaintext here; ports differ on the two sides; a connection closed without an answer is
          // the library's
          if (next.value().peer().equals(Peers.PLAINTEXT)
              && !Protos.json(next.value().manager()).contains("" + EnvoySide.OWN_PORT)) {
            made.add(next);
            handed.add(sockets.ask(withoutDrops(next.value())));
          }
        }
        List<List<Answer>> theirs =
            envoy.ask(handed.stream().map(OnSockets.Handed::scenario).toList());
        for (int i = 0; i < made.size(); i++) {
          OnSockets.Handed one = handed.get(i);
          for (int r = 0; r < one.inmesh().size(); r++) {
            compared++;
            List<String> what = Comparison.differences(theirs.get(i).get(r), one.inmesh().get(r));
            if (!what.isEmpty()
                && stays(one.scenario(), r, theirs.get(i).get(r), one.inmesh().get(r))) {
              differences.add(new Difference(made.get(i), one.scenario().requests().get(r), what));
            }
          }
        }
      }
      refusedBefore = sockets.refusedBefore;
    }
    return compared;
  }

  private static Scenario withoutDrops(Scenario scenario) {
    return scenario.with(
        scenario.requests().stream()
            .map(
                one ->
                    new Asked(
                        one.method(),
                        one.authority(),
                        one.path(),
                        one.headers(),
                        one.body(),
                        one.script().replace("drop", "503")))
            .toList());
  }

  private List<Difference> compare(Shrinkable<Scenario> made, Judged judged) throws Exception {
    List<Answer> mine = InmeshSide.ask(judged.scenario, upstreams);
    List<Difference> found = new ArrayList<>();
    for (int r = 0; r < mine.size(); r++) {
      List<String> what = Comparison.differences(judged.envoy.get(r), mine.get(r));
      if (!what.isEmpty() && stays(judged.scenario, r, judged.envoy.get(r), mine.get(r))) {
        found.add(new Difference(made, judged.scenario.requests().get(r), what));
      }
    }
    return found;
  }

  /** Where time-outs and retries meet a busy machine Envoy may do otherwise the next time. */
  private boolean stays(Scenario scenario, int request, Answer theirs, Answer mine)
      throws Exception {
    Scenario alone = scenario.with(List.of(scenario.requests().get(request)));
    askedAgain.incrementAndGet();
    int times = theirs.details().contains("timeout") ? ASKED_AFTER_TIMEOUT : ASKED_AGAIN;
    for (int i = 0; i < times; i++) {
      if (Comparison.differences(envoy.ask(List.of(alone)).get(0).get(0), mine).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** What differs, the first few shrunk to the least that still does. */
  String report(long seed) throws Exception {
    StringBuilder report = new StringBuilder();
    report.append(differences.size()).append(" of ").append(pairs);
    report.append(" pairs differ; again with -Dinmesh.diff.seed=").append(seed).append('\n');
    for (Difference one : differences.subList(0, Math.min(MOST_SHOWN, differences.size()))) {
      report.append("\nas generated: ").append(one).append('\n');
      report.append(Protos.json(one.made.value().manager())).append('\n');
    }
    if (!differences.isEmpty()) {
      report.append("\nthe first, shrunk: ").append(shrunk(differences.get(0))).append('\n');
    }
    return report.toString();
  }

  private String shrunk(Difference first) throws Exception {
    Shrinkable<Scenario> least = first.made;
    long end = System.nanoTime() + SHRINKING_NANOS;
    for (boolean found = true; found && System.nanoTime() < end; ) {
      found = false;
      List<Shrinkable<Scenario>> smaller = least.shrink().limit(BATCH).toList();
      if (smaller.isEmpty()) {
        break;
      }
      List<List<Answer>> answers = envoy.ask(smaller.stream().map(Shrinkable::value).toList());
      for (int i = 0; i < smaller.size() && !found; i++) {
        if (!differing(smaller.get(i).value(), answers.get(i)).isEmpty()) {
          least = smaller.get(i);
          found = true;
        }
      }
    }
    List<List<Answer>> answers = envoy.ask(List.of(least.value()));
    return Protos.json(least.value().manager()) + "\n" + differing(least.value(), answers.get(0));
  }

  private List<String> differing(Scenario scenario, List<Answer> theirs) {
    List<Answer> mine = InmeshSide.ask(scenario, upstreams);
    List<String> found = new ArrayList<>();
    for (int r = 0; r < mine.size(); r++) {
      List<String> what = Comparison.differences(theirs.get(r), mine.get(r));
      if (!what.isEmpty()) {
        found.add(scenario.requests().get(r) + "\n    " + String.join("\n    ", what));
      }
    }
    return found;
  }
}
