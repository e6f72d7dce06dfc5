package io.inmesh.reactor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.Reference;
import org.junit.jupiter.api.Test;

/** The check itself finds a buffer that was lost. */
class NoLeaksTest {
  @Test
  void aLostBufferIsFound() {
    NoLeaks check = new NoLeaks();
    lose();
    assertThatThrownBy(() -> check.afterAll(null)).hasMessageContaining("nobody let go");
    NoLeaks.forget();
  }

  private static void lose() {
    for (int i = 0; i < 100; i++) {
      Reference.reachabilityFence(PooledByteBufAllocator.DEFAULT.buffer(64));
    }
  }
}
