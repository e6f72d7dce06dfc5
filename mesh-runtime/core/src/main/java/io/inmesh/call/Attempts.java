package io.inmesh.call;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attempts in flight, oldest first: nearly always one, for which there is no list. */
final class Attempts {
  private @Nullable Attempt first;
  private @Nullable List<Attempt> more;

  void add(Attempt attempt) {
    if (first == null) {
      first = attempt;
      return;
    }
    if (more == null) {
      more = new ArrayList<>(2);
    }
    more.add(attempt);
  }

  void remove(Attempt attempt) {
    List<Attempt> others = more;
    if (first != attempt) {
      if (others != null) {
        others.remove(attempt);
      }
    } else {
      first = others == null || others.isEmpty() ? null : others.remove(0);
    }
  }

  int size() {
    return first == null ? 0 : more == null ? 1 : 1 + more.size();
  }

  boolean isEmpty() {
    return first == null;
  }

  /** The first of their own deadlines. */
  long dueNanos() {
    long due = Long.MAX_VALUE;
    for (int i = 0; i < size(); i++) {
      Attempt attempt = get(i);
      due = Math.min(due, Math.min(attempt.perTryAt, attempt.perTryIdleAt));
    }
    return due;
  }

  Attempt get(int index) {
    Attempt oldest = first;
    if (index == 0 && oldest != null) {
      return oldest;
    }
    if (more == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return more.get(index - 1);
  }
}
