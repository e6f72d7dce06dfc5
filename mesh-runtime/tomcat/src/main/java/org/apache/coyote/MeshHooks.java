package org.apache.coyote;

import org.jspecify.annotations.NullMarked;

/**
 * Tomcat lets nobody outside this package see a response that is about to be committed. Hence a
 * class in Tomcat's package, and the class path only.
 */
@NullMarked
public final class MeshHooks {
  private MeshHooks() {}

  /** Who carries out the response's actions: its processor, unless somebody stepped between. */
  public static ActionHook of(Response response) {
    return response.hook;
  }

  public static void set(Response response, ActionHook hook) {
    response.setHook(hook);
  }

  public static void set(Request request, ActionHook hook) {
    request.setHook(hook);
  }
}
