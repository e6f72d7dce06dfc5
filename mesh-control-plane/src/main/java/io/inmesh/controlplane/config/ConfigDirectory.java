package io.inmesh.controlplane.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the configuration directory and what is in force of each. A file that is refused
 * keeps its last good state and hinders no other file (istiod 1.26 with file configuration stops
 * taking any change until the bad file is mended).
 *
 * <p>Not thread-safe: one caller at a time.
 */
public final class ConfigDirectory {
  private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

  private final Path directory;
  private Map<String, FileState> files = new TreeMap<>();

  public ConfigDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * What a scan found.
   *
   * @param applied names of files that are newly in force or newly gone
   * @param refused files newly refused
   */
  public record Scan(MeshConfig config, List<String> applied, List<ConfigRefused> refused) {
    public boolean changed() {
      return !applied.isEmpty();
    }
  }

  private record FileState(
      String text,
      List<MeshObject> parsed,
      @Nullable ConfigRefused refusal,
      List<MeshObject> inForce) {}

  /**
   * Reads the directory anew.
   *
   * @throws IOException when the directory itself cannot be listed; nothing has changed then
   */
  public Scan scan() throws IOException {
    Map<String, FileState> next = new TreeMap<>();
    List<MeshObject> inForce = new ArrayList<>();
    Map<String, FileState> undecided = new TreeMap<>();
    for (Path path : yamlFiles()) {
      String name = path.getFileName().toString();
      FileState state = parse(name, path);
      if (state == null) {
        continue;
      }
      next.put(name, state);
      if (state.refusal() == null && !state.parsed().equals(state.inForce())) {
        undecided.put(name, state);
      } else {
        inForce.addAll(state.inForce());
      }
    }
    undecided.forEach(
        (name, candidate) -> {
          FileState state = admit(candidate, inForce);
          next.put(name, state);
          inForce.addAll(state.inForce());
        });
    return report(next);
  }

  private List<Path> yamlFiles() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.filter(
              path -> {
                String name = path.getFileName().toString();
                return !name.startsWith(".")
                    && (name.endsWith(".yaml") || name.endsWith(".yml"))
                    && !Files.isDirectory(path);
              })
          .sorted()
          .toList();
    }
  }

  /**
   * The file's new state, its parse reused when the text is the same; null when it has just gone.
   */
  private @Nullable FileState parse(String name, Path path) {
    FileState before = files.get(name);
    List<MeshObject> lastGood = before == null ? List.of() : before.inForce();
    String text = "";
    try {
      text = read(name, path);
      if (before != null && before.text().equals(text)) {
        return before.refusal() == null || before.parsed().isEmpty()
            ? before
            : new FileState(
                text,
                before.parsed(),
                null,
                lastGood); // refused for another file's sake: try again
      }
      return new FileState(text, DocumentReader.read(name, text), null, lastGood);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      return new FileState(
          text, List.of(), new ConfigRefused(name, 0, "", "cannot be read: " + e), lastGood);
    } catch (ConfigRefused e) {
      return new FileState(text, List.of(), e, lastGood);
    }
  }

  private static String read(String name, Path path) throws IOException, ConfigRefused {
    if (Files.size(path) > MAX_FILE_BYTES) {
      throw new ConfigRefused(name, 0, "", "the file is larger than " + MAX_FILE_BYTES + " bytes");
    }
    byte[] bytes = Files.readAllBytes(path);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigRefused(name, 0, "", "the file is not UTF-8 text");
    }
  }

  private static FileState admit(FileState state, List<MeshObject> others) {
    for (MeshObject object : state.parsed()) {
      List<MeshObject> rest = new ArrayList<>(others);
      state.parsed().stream().filter(other -> other != object).forEach(rest::add);
      String reason = Conflicts.find(object, rest);
      if (reason != null) {
        ConfigRefused refusal =
            new ConfigRefused(
                object.meta().file(), object.meta().line(), object.meta().key(), reason);
        return new FileState(state.text(), state.parsed(), refusal, state.inForce());
      }
    }
    return new FileState(state.text(), state.parsed(), null, state.parsed());
  }

  private Scan report(Map<String, FileState> next) {
    List<String> applied = new ArrayList<>();
    List<ConfigRefused> refused = new ArrayList<>();
    List<MeshObject> objects = new ArrayList<>();
    next.forEach(
        (name, state) -> {
          FileState before = files.get(name);
          ConfigRefused refusal = state.refusal();
          if (refusal == null) {
            if (before == null
                || before.refusal() != null
                || !before.inForce().equals(state.inForce())) {
              applied.add(name);
            }
          } else if (before == null
              || before.refusal() == null
              || !String.valueOf(before.refusal().getMessage()).equals(refusal.getMessage())) {
            refused.add(refusal);
          }
          objects.addAll(state.inForce());
        });
    for (String name : files.keySet()) {
      if (!next.containsKey(name)) {
        applied.add(name);
      }
    }
    files = next;
    return new Scan(new MeshConfig(List.copyOf(objects)), applied, refused);
  }
}
