package io.inmesh.filter;

/** What a filter decided in its request phase. */
public enum FilterStatus {
  /** The next filter, or the router. */
  CONTINUE,
  /**
   * Nothing happens until the {@link FilterCall#pause()} is resumed, or {@link
   * FilterCall#resumeAfter} is over.
   */
  PAUSE,
  /** {@link FilterCall#reply} was called: the request ends here. */
  REPLY
}
