package io.inmesh.call;

/**
 * What an adapter knows of a request body.
 *
 * @param present false: no body at all
 * @param replayable can be sent again, by whatever means the adapter has
 * @param duplex request and response are open at the same time: one attempt only
 * @param length in bytes; negative: unknown
 */
public record BodyTraits(boolean present, boolean replayable, boolean duplex, long length) {
  public static final BodyTraits NONE = new BodyTraits(false, true, false, 0);
  public static final BodyTraits REPLAYABLE = new BodyTraits(true, true, false, -1);
  public static final BodyTraits ONE_SHOT = new BodyTraits(true, false, false, -1);
  public static final BodyTraits DUPLEX = new BodyTraits(true, false, true, -1);
}
