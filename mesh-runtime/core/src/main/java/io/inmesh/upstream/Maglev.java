package io.inmesh.upstream;

import com.dynatrace.hash4j.hashing.Hashing;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * MAGLEV as Envoy builds it: the table of the Maglev paper, filled in the order of addresses, hosts
 * weighted by their share.
 */
final class Maglev implements Picker {
  /** Envoy's limit for {@code table_size}. */
  private static final long LARGEST = 5_000_011;

  private final Host[] table;

  /**
   * @param shares of each host, summing up to 1
   * @param wantedSize a prime number; any other would leave slots that no host can reach, hence the
   *     next prime is taken (Envoy rejects such a configuration)
   */
  Maglev(Host[] hosts, double[] shares, long wantedSize) {
    int size = primeFrom(Math.max(wantedSize, hosts.length));
    int[] order =
        IntStream.range(0, hosts.length)
            .boxed()
            .sorted(Comparator.comparing(i -> hosts[i].address()))
            .mapToInt(i -> i)
            .toArray();
    double most = 0;
    for (double share : shares) {
      most = Math.max(most, share);
    }
    long[] offset = new long[hosts.length];
    long[] skip = new long[hosts.length];
    for (int h = 0; h < hosts.length; h++) {
      byte[] key = hosts[h].address().getBytes(StandardCharsets.UTF_8);
      offset[h] = Long.remainderUnsigned(Hashing.xxh64().hashBytesToLong(key), size);
      skip[h] = Long.remainderUnsigned(Hashing.xxh64(1).hashBytesToLong(key), size - 1) + 1;
    }
    @Nullable Host[] filled = new @Nullable Host[size];
    long[] next = new long[hosts.length];
    double[] due = new double[hosts.length];
    int count = 0;
    for (long round = 1; count < size; round++) {
      for (int i = 0; i < order.length && count < size; i++) {
        int h = order[i];
        // a host with a third of the greatest share takes part in every third round
        if (round * shares[h] < due[h]) {
          continue;
        }
        due[h] += most;
        int slot;
        do {
          slot = (int) ((offset[h] + skip[h] * next[h]++) % size);
        } while (filled[slot] != null);
        filled[slot] = hosts[h];
        count++;
      }
    }
    table = new Host[size];
    for (int i = 0; i < size; i++) {
      table[i] = java.util.Objects.requireNonNull(filled[i]);
    }
  }

  private static int primeFrom(long wanted) {
    BigInteger candidate = BigInteger.valueOf(Math.max(2, Math.min(wanted, LARGEST)));
    return candidate.subtract(BigInteger.ONE).nextProbablePrime().intValueExact();
  }

  @Override
  public Host pick(PickRequest request, int again, LongSupplier random) {
    Long wanted = request.hash();
    long hash = wanted != null ? wanted : random.getAsLong();
    if (again > 0) {
      hash ^= -again; // Envoy's: nearly all bits change
    }
    return table[(int) Long.remainderUnsigned(hash, table.length)];
  }
}
