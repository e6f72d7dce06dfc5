package io.inmesh.identity;

/** Something that new connections use until a newer one takes its place. */
abstract class Replaceable {
  private volatile boolean replaced;

  /** No new connection uses it from now on. */
  public final void replace() {
    replaced = true;
  }

  final boolean replaced() {
    return replaced;
  }
}
