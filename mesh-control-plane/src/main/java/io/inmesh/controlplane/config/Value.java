package io.inmesh.controlplane.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One YAML value with its place, so that every refusal can name file, line and path. */
record Value(String file, String path, int line, Node node) {

  static Value of(String file, String path, Node node) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return new Value(file, path, line, node);
  }

  ConfigRefused refused(String reason) {
    return new ConfigRefused(file, line, path, reason);
  }

  Fields map() throws ConfigRefused {
    if (!(node instanceof MappingNode mapping)) {
      throw refused("a mapping is needed here, this is " + kind());
    }
    return new Fields(this, mapping);
  }

  List<Value> list() throws ConfigRefused {
    if (!(node instanceof SequenceNode sequence)) {
      throw refused("a list is needed here, this is " + kind());
    }
    List<Value> values = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      values.add(of(file, path + "[" + values.size() + "]", item));
    }
    return values;
  }

  List<Value> nonEmptyList() throws ConfigRefused {
    List<Value> values = list();
    if (values.isEmpty()) {
      throw refused("an empty list says nothing; leave the field out or fill it");
    }
    return values;
  }

  String text() throws ConfigRefused {
    if (!(node instanceof ScalarNode scalar)) {
      throw refused("a string is needed here, this is " + kind());
    }
    if (!Tag.STR.equals(scalar.getTag())) {
      throw refused(
          "a string is needed here, " + scalar.getValue() + " is " + kind() + "; put it in quotes");
    }
    String text = scalar.getValue();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || c == '\r' || c == '\n') {
        throw refused("a string with a NUL, CR or LF character cannot be used here");
      }
    }
    return text;
  }

  /** As {@link #text()}, for bodies: any characters. */
  String anyText() throws ConfigRefused {
    if (node instanceof ScalarNode scalar && Tag.STR.equals(scalar.getTag())) {
      return scalar.getValue();
    }
    throw refused("a string is needed here, this is " + kind());
  }

  String nonEmpty() throws ConfigRefused {
    String text = text();
    if (text.isEmpty()) {
      throw refused("an empty string has no meaning here");
    }
    return text;
  }

  List<String> texts() throws ConfigRefused {
    List<String> texts = new ArrayList<>();
    for (Value value : nonEmptyList()) {
      texts.add(value.nonEmpty());
    }
    return List.copyOf(texts);
  }

  Map<String, String> textMap() throws ConfigRefused {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, Value> entry : map().all().entrySet()) {
      texts.put(entry.getKey(), entry.getValue().text());
    }
    return texts;
  }

  int integer(int min, int max) throws ConfigRefused {
    if (node instanceof ScalarNode scalar && Tag.INT.equals(scalar.getTag())) {
      try {
        int number = Integer.parseInt(scalar.getValue());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // said below, with the limits
      }
      throw refused(scalar.getValue() + " is out of range: " + min + " to " + max);
    }
    throw refused("a whole number is needed here, this is " + kind());
  }

  double number(double min, double max) throws ConfigRefused {
    if (node instanceof ScalarNode scalar
        && (Tag.INT.equals(scalar.getTag()) || Tag.FLOAT.equals(scalar.getTag()))) {
      try {
        double number = Double.parseDouble(scalar.getValue());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // said below, with the limits
      }
      throw refused(scalar.getValue() + " is out of range: " + min + " to " + max);
    }
    throw refused("a number is needed here, this is " + kind());
  }

  boolean bool() throws ConfigRefused {
    if (node instanceof ScalarNode scalar && Tag.BOOL.equals(scalar.getTag())) {
      return Boolean.parseBoolean(scalar.getValue().toLowerCase(Locale.ROOT));
    }
    throw refused("true or false is needed here, this is " + kind());
  }

  Duration duration() throws ConfigRefused {
    return Durations.parse(this, text());
  }

  <E extends Enum<E>> E oneOf(Class<E> type) throws ConfigRefused {
    String text = text();
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw refused("\"" + text + "\" is not one of " + List.of(type.getEnumConstants()));
  }

  private String kind() {
    if (node instanceof MappingNode) {
      return "a mapping";
    }
    if (node instanceof SequenceNode) {
      return "a list";
    }
    if (Tag.NULL.equals(node.getTag())) {
      return "empty";
    }
    if (Tag.STR.equals(node.getTag())) {
      return "a string";
    }
    return Tag.BOOL.equals(node.getTag()) ? "a boolean" : "a number";
  }
}
