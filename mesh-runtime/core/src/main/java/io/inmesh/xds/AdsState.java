package io.inmesh.xds;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client knows, at one moment.
 *
 * @param connected the control plane has answered on the present stream
 * @param streams how many streams were opened so far
 * @param lastDisconnection why the last stream ended; null if none has
 * @param types in the order in which they were first subscribed to
 */
public record AdsState(
    boolean connected,
    int streams,
    @Nullable Disconnection lastDisconnection,
    Map<TypeUrl, TypeState> types) {
  /**
   * One type.
   *
   * @param wildcard all resources of the type are wanted
   * @param subscribed how many names are wanted
   * @param held how many resources are accepted and in use
   * @param answered a response of this type has arrived on the present stream
   * @param systemVersion of the last response
   * @param refused what is refused at present, with the reason; an older version may be in use
   */
  public record TypeState(
      boolean wildcard,
      int subscribed,
      int held,
      boolean answered,
      String systemVersion,
      Map<String, String> refused) {}
}
