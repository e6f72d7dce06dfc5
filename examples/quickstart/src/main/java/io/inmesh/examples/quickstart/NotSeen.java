package io.inmesh.examples.quickstart;

import org.jspecify.annotations.Nullable;

/** Something that this demonstration promises did not happen. */
final class NotSeen extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Child where;

  /**
   * @param where whose log to look at; null: nobody's in particular
   */
  NotSeen(String message, @Nullable Child where) {
    super(message);
    this.where = where;
  }

  @Nullable Child where() {
    return where;
  }

  /** In words what should be so. */
  static void check(boolean so, String otherwise, @Nullable Child where) throws NotSeen {
    if (!so) {
      throw new NotSeen(otherwise, where);
    }
  }
}
