package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks at files as a configuration directory would, all of them together, and puts nothing in
 * force. A pure function.
 */
public final class ConfigCheck {
  private ConfigCheck() {}

  /**
   * @param objects how many objects can be used
   * @param refused what cannot, in the order of files and lines; of one object the first reason
   * @param warnings what is valid and probably not meant
   */
  public record Result(int objects, List<ConfigRefused> refused, List<Warnings.Warning> warnings) {}

  /**
   * @param texts the text of each file, by the name that messages should give it
   */
  public static Result of(Map<String, String> texts) {
    List<ConfigRefused> refused = new ArrayList<>();
    List<MeshObject> objects = new ArrayList<>();
    texts.forEach((file, text) -> objects.addAll(DocumentReader.read(file, text, refused)));
    List<MeshObject> good = new ArrayList<>();
    for (MeshObject object : objects) {
      String reason = Conflicts.find(object, good);
      if (reason == null) {
        good.add(object);
      } else {
        ObjectMeta meta = object.meta();
        refused.add(new ConfigRefused(meta.file(), meta.line(), meta.key(), reason));
      }
    }
    List<String> order = List.copyOf(texts.keySet());
    refused.sort(
        java.util.Comparator.<ConfigRefused>comparingInt(r -> order.indexOf(r.file()))
            .thenComparingInt(ConfigRefused::line));
    return new Result(
        good.size(), List.copyOf(refused), Warnings.of(new MeshConfig(List.copyOf(good))));
  }
}
