package io.inmesh.benchmarks.performance;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that is measured.
 *
 * @param mtls mutual TLS with certificates of the mesh; otherwise plaintext
 * @param features a long route table, long policies and retries, or nothing of it
 */
record Arm(Way way, boolean mtls, boolean features) {
  static final String PATH = "/echo/items/42";

  /** All of them; raw has no features. */
  static List<Arm> all() {
    List<Arm> all = new ArrayList<>();
    for (boolean mtls : new boolean[] {false, true}) {
      all.add(new Arm(Way.RAW, mtls, false));
      for (boolean features : new boolean[] {false, true}) {
        for (Way way : Way.values()) {
          if (way != Way.RAW) {
            all.add(new Arm(way, mtls, features));
          }
        }
      }
    }
    return all;
  }

  /** What it is compared with. */
  Arm raw() {
    return new Arm(Way.RAW, mtls, false);
  }

  /** The same through something else. */
  Arm by(Way other) {
    return new Arm(other, mtls, features);
  }

  /** Where its configuration lives. */
  String namespace() {
    return (mtls ? "mtls" : "plain") + (features ? "-on" : "-off");
  }

  String security() {
    return mtls ? "mTLS" : "plaintext";
  }

  String title() {
    return way.title + (way == Way.RAW ? "" : features ? ", features on" : ", features off");
  }
}
