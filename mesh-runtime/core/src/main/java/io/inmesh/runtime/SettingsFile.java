package io.inmesh.runtime;

import io.inmesh.MeshException;
import io.inmesh.Setting;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Settings from YAML, keys nested or dotted. What is not a setting is refused with its line. */
final class SettingsFile {
  private SettingsFile() {}

  static Map<Setting, SettingValue> read(Path file) {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      Optional<Node> root =
          new Compose(LoadSettings.builder().setLabel(file.toString()).setUseMarks(true).build())
              .composeReader(reader);
      Map<Setting, SettingValue> values = new EnumMap<>(Setting.class);
      if (root.isPresent()) {
        collect(file, "", root.get(), values);
      }
      return values;
    } catch (IOException e) {
      throw new MeshException("settings file " + file + " cannot be read: " + e, e);
    } catch (YamlEngineException e) {
      throw new MeshException("settings file " + file + " is not YAML: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new MeshException("settings file " + file + " is nested too deeply", e);
    }
  }

  private static void collect(
      Path file, String prefix, Node node, Map<Setting, SettingValue> values) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        String name = ((ScalarNode) entry.getKeyNode()).getValue();
        collect(file, prefix.isEmpty() ? name : prefix + "." + name, entry.getValueNode(), values);
      }
      return;
    }
    Setting setting = find(prefix);
    if (setting == null || !(node instanceof ScalarNode scalar)) {
      throw new MeshException(
          at(file, node)
              + (setting == null
                  ? ": there is no setting " + prefix
                  : ": setting " + prefix + " takes a single value"));
    }
    values.put(setting, new SettingValue(setting, scalar.getValue(), at(file, node)));
  }

  private static @Nullable Setting find(String key) {
    for (Setting setting : Setting.values()) {
      if (setting.key().equals(key)) {
        return setting;
      }
    }
    return null;
  }

  private static String at(Path file, Node node) {
    Optional<Mark> mark = node.getStartMark();
    return file + mark.map(m -> ":" + (m.getLine() + 1)).orElse("");
  }
}
