package io.inmesh.filter;

/**
 * Ends one pause of one filter, from any thread. The first answer counts; what comes after it, or
 * after {@link FilterCall#resumeAfter} has passed, changes nothing: a late answer for one filter
 * must never let a request pass the next.
 */
public interface Pause {
  /** The request goes on with the next filter. */
  void resume();

  /** The request ends here, with this answer. */
  void resumeWith(LocalReply reply);
}
