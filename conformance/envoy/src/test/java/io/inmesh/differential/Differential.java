package io.inmesh.differential;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
  private static final int MOST_SHOWN = 5;
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
  final Set<Object> configurations = new HashSet<>();
  int pairs;
  int askedAgain;
  int refusedBefore;
  private final EnvoySide envoy;
  private final Upstreams upstreams;

  Differential(Path work, Upstreams upstreams) {
    this.upstreams = upstreams;
    this.envoy = new EnvoySide(work, upstreams);
  }

  /** Runs until so many pairs are compared; keeps the first scenarios as a sample. */
  void run(Arbitrary<Scenario> scenarios, long seed, int wanted, int sampled) throws Exception {
    RandomGenerator<Scenario> generator = scenarios.generator(1000, false);
    Random random = new Random(seed);
    while (pairs < wanted && differences.size() < 200) {
      List<Shrinkable<Scenario>> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(generator.next(random));
      }
      List<Scenario> values = batch.stream().map(Shrinkable::value).toList();
      List<List<Answer>> answers = envoy.ask(values);
      for (int i = 0; i < BATCH; i++) {
        Judged judged = new Judged(values.get(i), answers.get(i));
        configurations.add(judged.scenario.manager());
        int before = differences.size();
        compare(batch.get(i), judged);
        if (sample.size() < sampled && differences.size() == before) {
          sample.add(judged);
        }
      }
    }
  }

  /** The same through the real adapters, compared from what library and container hand over. */
  int onSockets(Arbitrary<Scenario> scenarios, long seed, int wanted) throws Exception {
    RandomGenerator<Scenario> generator = scenarios.generator(1000, false);
    Random random = new Random(seed);
    int compared = 0;
    try (OnSockets sockets = new OnSockets(upstreams)) {
      while (compared < wanted && differences.size() < 200) {
        List<Shrinkable<Scenario>> made = new ArrayList<>();
        List<OnSockets.Handed> handed = new ArrayList<>();
        while (made.size() < BATCH) {
          Shrinkable<Scenario> next = generator.next(random);
          // ports differ on the two sides; a connection closed without an answer is the library's
          if (!Protos.json(next.value().manager()).contains("" + EnvoySide.OWN_PORT)) {
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
            if (!what.isEmpty() && stays(one.scenario(), r, one.inmesh().get(r))) {
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

  private void compare(Shrinkable<Scenario> made, Judged judged) throws Exception {
    List<Answer> mine = InmeshSide.ask(judged.scenario, upstreams);
    for (int r = 0; r < mine.size(); r++) {
      pairs++;
      Answer theirs = judged.envoy.get(r);
      coverage.add(judged.scenario, theirs);
      List<String> what = Comparison.differences(theirs, mine.get(r));
      if (!what.isEmpty() && stays(judged.scenario, r, mine.get(r))) {
        differences.add(new Difference(made, judged.scenario.requests().get(r), what));
      }
    }
  }

  /** Where time-outs and retries meet a busy machine Envoy may do otherwise the next time. */
  private boolean stays(Scenario scenario, int request, Answer mine) throws Exception {
    Scenario alone = scenario.with(List.of(scenario.requests().get(request)));
    askedAgain++;
    for (int i = 0; i < 2; i++) {
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
