package io.inmesh.upstream;

/**
 * How many of a hundred requests each priority gets, on its healthy and on its degraded hosts, and
 * which priorities are in panic: Envoy's rules, over-provisioning included.
 */
record PriorityLoads(
    int[] healthy, int[] degraded, boolean[] panic, int[] health, int[] degradedHealth) {

  /** Hosts of one priority: all, healthy, degraded. */
  record Count(int all, int healthy, int degraded) {}

  static PriorityLoads of(Count[] counts, int overprovisioningPercent, double panicPercent) {
    int n = counts.length;
    int[] health = new int[n];
    int[] degradedHealth = new int[n];
    int total = 0;
    for (int i = 0; i < n; i++) {
      Count count = counts[i];
      health[i] = available(count.healthy, count.all, overprovisioningPercent);
      degradedHealth[i] = available(count.degraded, count.all, overprovisioningPercent);
      total += health[i] + degradedHealth[i];
    }
    total = Math.min(100, total);
    PriorityLoads loads =
        new PriorityLoads(new int[n], new int[n], new boolean[n], health, degradedHealth);
    if (total > 0) {
      loads.distribute(health, degradedHealth, total);
    }
    loads.decidePanic(counts, total, Math.min(100, panicPercent));
    return loads;
  }

  /**
   * {@code previous_priorities}: as if these were down; the ordinary loads when nobody else is
   * there.
   */
  PriorityLoads avoiding(PickRequest.PriorityFilter filter) {
    int n = health.length;
    int[] left = health.clone();
    int[] degradedLeft = degradedHealth.clone();
    int total = 0;
    for (int i = 0; i < n; i++) {
      if (filter.avoids(i)) {
        left[i] = 0;
        degradedLeft[i] = 0;
      }
      total += left[i] + degradedLeft[i];
    }
    if (total == 0) {
      return this;
    }
    PriorityLoads loads = new PriorityLoads(new int[n], new int[n], panic, health, degradedHealth);
    loads.distribute(left, degradedLeft, Math.min(100, total));
    return loads;
  }

  /** Index of the priority for a number from 1 to 100; ones' complement if on degraded hosts. */
  int choose(int percentile) {
    int sum = 0;
    for (int i = 0; i < healthy.length; i++) {
      sum += healthy[i];
      if (percentile <= sum) {
        return i;
      }
    }
    for (int i = 0; i < degraded.length; i++) {
      sum += degraded[i];
      if (percentile <= sum) {
        return ~i;
      }
    }
    return 0;
  }

  private static int available(int good, int all, int overprovisioningPercent) {
    return all == 0 ? 0 : (int) Math.min(100, (long) overprovisioningPercent * good / all);
  }

  private void distribute(int[] health, int[] degradedHealth, int total) {
    int left = share(healthy, health, 100, total);
    left = share(degraded, degradedHealth, left, total);
    // rounding: what is left goes to the first that can take it
    for (int i = 0; i < health.length; i++) {
      if (health[i] > 0) {
        healthy[i] += left;
        return;
      }
    }
    for (int i = 0; i < health.length; i++) {
      if (degradedHealth[i] > 0) {
        degraded[i] += left;
        return;
      }
    }
  }

  private static int share(int[] load, int[] availability, int left, int total) {
    for (int i = 0; i < load.length; i++) {
      load[i] = Math.min(left, availability[i] * 100 / total);
      left -= load[i];
    }
    return left;
  }

  private void decidePanic(Count[] counts, int total, double threshold) {
    if (threshold <= 0 && total == 0) {
      healthy[0] = 100; // and nothing is there to take it
      return;
    }
    boolean allInPanic = true;
    int hosts = 0;
    for (int i = 0; i < counts.length; i++) {
      Count count = counts[i];
      double good = count.all == 0 ? 0 : 100.0 * (count.healthy + count.degraded) / count.all;
      panic[i] = total != 100 && good < threshold;
      allInPanic &= panic[i];
      hosts += count.all;
    }
    if (allInPanic) {
      byNumberOfHosts(counts, hosts);
    }
  }

  /** Total panic: health no longer counts, each priority gets its share of the hosts. */
  private void byNumberOfHosts(Count[] counts, int hosts) {
    java.util.Arrays.fill(healthy, 0);
    java.util.Arrays.fill(degraded, 0);
    if (hosts == 0) {
      healthy[0] = 100;
      return;
    }
    int left = 100;
    int first = -1;
    for (int i = 0; i < counts.length; i++) {
      if (first < 0 && counts[i].all > 0) {
        first = i;
      }
      healthy[i] = 100 * counts[i].all / hosts;
      left -= healthy[i];
    }
    healthy[first] += left;
  }
}
