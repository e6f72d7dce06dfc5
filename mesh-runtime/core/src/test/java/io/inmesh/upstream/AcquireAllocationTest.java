package io.inmesh.upstream;

import static io.inmesh.upstream.OutlierDetectionTest.outlier;
import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole life of a lease allocates the lease and nothing else. */
class AcquireAllocationTest {
  private static final int TIMES = 20_000;

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"})
  void a_lease_is_the_only_allocation(Policy policy) {
    UpstreamFixture mesh = new UpstreamFixture();
    mesh.random = () -> ThreadLocalRandom.current().nextLong();
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            LoadBalancing.of(policy),
            CircuitBreakers.DEFAULTS,
            outlier(false, 100, false)));
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3)));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    run(mesh.cluster(), mesh.now);
    long before = threads.getCurrentThreadAllocatedBytes();
    run(mesh.cluster(), mesh.now);
    double bytes = (double) (threads.getCurrentThreadAllocatedBytes() - before) / TIMES;
    assertThat(bytes).isLessThanOrEqualTo(40.0);
  }

  private static void run(Cluster cluster, long now) {
    for (int i = 0; i < TIMES; i++) {
      Lease lease = (Lease) cluster.acquire(Request.PLAIN, now);
      lease.connected(now);
      lease.response(200, false, -1, now);
      lease.end(now);
    }
  }
}
