package io.inmesh.upstream;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * RING_HASH as Envoy builds it (ketama with xxHash64 of {@code ip:port_i}), so that both send the
 * same hash to the same host.
 */
final class RingHash implements Picker {
  /** Envoy's default {@code maximum_ring_size}. */
  private static final double LARGEST = 8_388_608;

  private final long[] hashes;
  private final Host[] owners;

  /**
   * @param shares of each host, summing up to 1
   */
  RingHash(Host[] hosts, double[] shares, long minimumSize) {
    double least = 1;
    for (double share : shares) {
      least = Math.min(least, share);
    }
    // the host with the least share gets a whole number of points
    double scale = Math.min(Math.ceil(least * minimumSize) / least, LARGEST);
    long[] points = new long[(int) Math.ceil(scale) + hosts.length];
    Host[] pointOwners = new Host[points.length];
    int size = 0;
    double target = 0;
    for (int h = 0; h < hosts.length; h++) {
      target += scale * shares[h];
      for (int i = 0; size < target; i++) {
        points[size] = hash(hosts[h].address() + "_" + i);
        pointOwners[size++] = hosts[h];
      }
    }
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparing(i -> points[i], Long::compareUnsigned))
            .mapToInt(i -> i)
            .toArray();
    hashes = new long[size];
    owners = new Host[size];
    for (int i = 0; i < size; i++) {
      hashes[i] = points[order[i]];
      owners[i] = pointOwners[order[i]];
    }
  }

  @Override
  public Host pick(PickRequest request, int again, LongSupplier random) {
    Long wanted = request.hash();
    long hash = wanted != null ? wanted : random.getAsLong();
    int low = 0;
    int high = hashes.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(hashes[middle], hash) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    // past the last point the ring begins again; a pick turned down moves on by one point
    int point = low == hashes.length ? 0 : low;
    return owners[(point + again) % owners.length];
  }

  private static long hash(String key) {
    return Hashing.xxh64().hashBytesToLong(key.getBytes(StandardCharsets.UTF_8));
  }
}
