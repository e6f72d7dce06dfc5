package io.inmesh.reactor;

import io.inmesh.driver.ReplayBuffer;
import io.netty.buffer.ByteBuf;

/** Netty's buffers in a replay buffer: shared by reference count, the bytes are never copied. */
enum Buffers implements ReplayBuffer.Chunks<ByteBuf> {
  INSTANCE;

  @Override
  public long size(ByteBuf chunk) {
    return chunk.readableBytes();
  }

  @Override
  public ByteBuf share(ByteBuf chunk) {
    return chunk.retainedDuplicate();
  }

  @Override
  public void release(ByteBuf chunk) {
    chunk.release();
  }
}
