package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The fields of a mapping, each to be asked for once. What nobody asked for is refused by {@link
 * #done()}: that is how "never ignored" is kept without a second list of the schema.
 */
final class Fields {
  private final Value owner;
  private final Map<String, Value> unread = new LinkedHashMap<>();
  private final Map<String, Integer> keyLines = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  Fields(Value owner, MappingNode node) throws ConfigRefused {
    this.owner = owner;
    for (NodeTuple tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw owner.refused("a key must be plain text");
      }
      String name = key.getValue();
      int line = key.getStartMark().map(mark -> mark.getLine() + 1).orElse(owner.line());
      String path = owner.path().isEmpty() ? name : owner.path() + "." + name;
      Value value = Value.of(owner.file(), path, tuple.getValueNode());
      if (keyLines.containsKey(name)) {
        throw new ConfigRefused(
            owner.file(), line, path, "this key is already given in line " + keyLines.get(name));
      }
      if (Tag.NULL.equals(tuple.getValueNode().getTag())) {
        throw new ConfigRefused(
            owner.file(), line, path, "the field has no value; fill it or leave it out");
      }
      keyLines.put(name, line);
      unread.put(name, value);
    }
  }

  Value owner() {
    return owner;
  }

  @Nullable Value get(String name) {
    known.add(name);
    return unread.remove(name);
  }

  Value require(String name) throws ConfigRefused {
    Value value = get(name);
    if (value == null) {
      throw owner.refused("the field \"" + name + "\" is missing");
    }
    return value;
  }

  /** Every entry, for mappings whose keys are free. */
  Map<String, Value> all() {
    Map<String, Value> all = new LinkedHashMap<>(unread);
    unread.clear();
    return all;
  }

  String text(String name, String otherwise) throws ConfigRefused {
    Value value = get(name);
    return value == null ? otherwise : value.nonEmpty();
  }

  /** Of fields that exclude each other: refuses the second one that is there. */
  void atMostOne(String... names) throws ConfigRefused {
    List<String> present = new ArrayList<>();
    for (String name : names) {
      if (unread.containsKey(name)) {
        present.add(name);
      }
    }
    if (present.size() > 1) {
      String second = present.get(1);
      throw refusedAt(
          second, "contradicts \"" + present.get(0) + "\": only one of them can be given");
    }
  }

  /** Refuses fields that Istio has and this control plane does not. */
  void notImplemented(String... names) throws ConfigRefused {
    for (String name : names) {
      if (unread.containsKey(name)) {
        throw refusedAt(
            name, "Istio has this field, the embedded control plane does not implement it");
      }
    }
  }

  /** Refuses what was not read. */
  void done() throws ConfigRefused {
    for (String name : unread.keySet()) {
      throw refusedAt(name, "unknown field; known here: " + String.join(", ", known));
    }
  }

  ConfigRefused refusedAt(String name, String reason) {
    String path = owner.path().isEmpty() ? name : owner.path() + "." + name;
    return new ConfigRefused(owner.file(), keyLines.getOrDefault(name, owner.line()), path, reason);
  }
}
