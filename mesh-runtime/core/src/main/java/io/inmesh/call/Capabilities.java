package io.inmesh.call;

/** What the adapter in front of a call can carry out; the engine asks for nothing else. */
public record Capabilities(
    boolean concurrentAttempts,
    boolean requestTrailers,
    boolean responseTrailers,
    boolean upgrade) {
  public static final Capabilities BASIC = new Capabilities(false, false, false, false);
  public static final Capabilities ALL = new Capabilities(true, true, true, true);
}
