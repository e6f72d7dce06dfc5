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
  private final LastGood lastGood;
  private Map<String, FileState> files = new TreeMap<>();
  private MeshConfig config = MeshConfig.EMPTY;
  private final Map<String, String> unsaved = new TreeMap<>();

  /**
   * @param lastGood where copies of what is in force are kept, so that a file that is bad at the
   *     next start does not take the mesh down; made when needed
   */
  public ConfigDirectory(Path directory, Path lastGood) {
    this.directory = directory;
    this.lastGood = new LastGood(lastGood);
  }

  /**
   * What a scan found.
   *
   * @param applied names of files that are newly in force or newly gone
   * @param refused files newly refused
   */
  public record Scan(
      MeshConfig config, boolean changed, List<String> applied, List<ConfigRefused> refused) {}

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

  /**
   * Keeps copies of what the scans brought into force. Apart, because the disk is slow and clients
   * are waiting.
   */
  public void remember() {
    unsaved.forEach(lastGood::save);
    unsaved.clear();
    lastGood.retain(files.keySet());
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
    List<MeshObject> good = before == null ? lastGood.load(name) : before.inForce();
    String text = "";
    try {
      text = read(name, path);
      if (before != null && before.text().equals(text)) {
        return before.refusal() == null || before.parsed().isEmpty()
            ? before
            : new FileState(
                text, before.parsed(), null, good); // refused for another file's sake: try again
      }
      return new FileState(text, DocumentReader.read(name, text), null, good);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      return new FileState(
          text, List.of(), new ConfigRefused(name, 0, "", "cannot be read: " + e), good);
    } catch (ConfigRefused e) {
      return new FileState(text, List.of(), e, good);
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
    ConfigRefused refusal = conflict(state.parsed(), others);
    if (refusal == null) {
      return new FileState(state.text(), state.parsed(), null, state.parsed());
    }
    boolean possible = conflict(state.inForce(), others) == null;
    return new FileState(
        state.text(), state.parsed(), refusal, possible ? state.inForce() : List.of());
  }

  private static @Nullable ConfigRefused conflict(
      List<MeshObject> objects, List<MeshObject> others) {
    for (MeshObject object : objects) {
      List<MeshObject> rest = new ArrayList<>(others);
      objects.stream().filter(other -> other != object).forEach(rest::add);
      String reason = Conflicts.find(object, rest);
      if (reason != null) {
        ObjectMeta meta = object.meta();
        return new ConfigRefused(meta.file(), meta.line(), meta.key(), reason);
      }
    }
    return null;
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
              unsaved.put(name, state.text());
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
    boolean changed = !config.objects().equals(objects);
    config = new MeshConfig(List.copyOf(objects));
    return new Scan(config, changed, applied, refused);
  }
}
