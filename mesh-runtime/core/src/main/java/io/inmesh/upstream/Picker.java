package io.inmesh.upstream;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Picks one of a fixed set of hosts. Thread-safe, no locks, no allocation. */
interface Picker {
  Picker NONE = (request, again, random) -> null;

  /**
   * @param again 0, or how many picks of this acquisition were turned down before
   * @return null when the set is empty
   */
  @Nullable Host pick(PickRequest request, int again, LongSupplier random);
}
