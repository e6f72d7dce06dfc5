package io.inmesh.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a class in which a buffer was lost: one that was collected before it was let go. Netty
 * tells of it (the pom says paranoid) when further buffers are made.
 */
public final class NoLeaks implements AfterAllCallback {
  static final String ON_PURPOSE = "lost on purpose";

  private static final Queue<String> LOST = new ConcurrentLinkedQueue<>();
  private static final Queue<String> LOST_ON_PURPOSE = new ConcurrentLinkedQueue<>();

  static {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation")
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return new ResourceLeakDetector<T>(resource, samplingInterval) {
              @Override
              protected void reportTracedLeak(String type, String records) {
                (records.contains(ON_PURPOSE) ? LOST_ON_PURPOSE : LOST).add(type + records);
              }

              @Override
              protected void reportUntracedLeak(String type) {
                LOST.add(type);
              }

              @Override
              protected boolean needReport() {
                return true;
              }
            };
          }
        });
  }

  /** Whether a buffer that was touched with {@link #ON_PURPOSE} has been told of. */
  static boolean found() {
    look();
    return !LOST_ON_PURPOSE.isEmpty();
  }

  private static void look() {
    System.gc();
    PooledByteBufAllocator.DEFAULT.buffer().release();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    for (int i = 0; i < 3; i++) {
      look();
    }
    assertThat(LOST).as("buffers that nobody let go").isEmpty();
  }
}
