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
  private static final Queue<String> LOST = new ConcurrentLinkedQueue<>();

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
                LOST.add(type + records);
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

  static void forget() {
    LOST.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    for (int i = 0; i < 3; i++) {
      System.gc();
      PooledByteBufAllocator.DEFAULT.buffer().release();
    }
    assertThat(LOST).as("buffers that nobody let go").isEmpty();
  }
}
