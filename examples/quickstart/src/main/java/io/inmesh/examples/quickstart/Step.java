package io.inmesh.examples.quickstart;

import java.io.IOException;

/** One thing that is shown. */
interface Step {
  String title();

  /**
   * Does it, looks, prints.
   *
   * @return the figures for the summary
   * @throws NotSeen when it is not as promised
   */
  String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException;
}
