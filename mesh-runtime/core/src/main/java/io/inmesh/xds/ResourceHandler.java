package io.inmesh.xds;

import java.util.Map;

/**
 * Takes what the control plane says. Resources and the state of the connection come by different
 * methods on purpose: a lost connection is never a reason to stop using a resource.
 *
 * <p>Every method is called on the configuration thread, one at a time, and may subscribe and
 * unsubscribe. The next response is asked for when {@link #onUpdate} has returned, so a slow
 * handler slows the control plane down and queues nothing here.
 */
public interface ResourceHandler {
  /**
   * Resources have changed. The answer to the control plane is made from the result: acknowledged
   * if it is empty, else refused with the names and reasons given, while everything not named
   * counts as in use.
   *
   * @return refused names with the reason, best as {@code field: what is wrong}. What was in use
   *     under a refused name stays in use. A removal cannot be refused.
   */
  Map<String, String> onUpdate(Update update);

  /**
   * A resource that was subscribed to has not arrived in time; it may still come. Called once for
   * each subscription.
   *
   * @param name the resource's name, {@code *} for the whole of a wildcard type
   */
  void onInitialFetchTimeout(TypeUrl type, String name);

  /** The control plane has sent its first response on a new stream. */
  default void onConnected() {}

  /**
   * A stream has ended, or could not be opened; another follows by itself. All resources stay as
   * they are.
   */
  default void onDisconnected(Disconnection disconnection) {}
}
