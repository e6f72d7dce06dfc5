package io.inmesh.reactor;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The check itself finds a buffer that was lost. */
@ExtendWith(NoLeaks.class)
class NoLeaksTest {
  @Test
  void aLostBufferIsFound() {
    for (int i = 0; i < 100; i++) {
      PooledByteBufAllocator.DEFAULT.buffer(64).touch(NoLeaks.ON_PURPOSE);
    }
    await().until(NoLeaks::found);
  }
}
