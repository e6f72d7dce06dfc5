package io.inmesh.jdkhttpserver;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The application's contexts, found as the JDK finds them: the longest prefix of the path. */
final class Contexts {
  private static final Pattern ESCAPED_SEPARATOR = Pattern.compile("%(?=2[fF]|5[cC])");

  private final MeshHttpServer server;
  private final Map<String, MeshContext> byPath = new ConcurrentHashMap<>();
  private volatile List<MeshContext> longestFirst = List.of();

  Contexts(MeshHttpServer server) {
    this.server = server;
  }

  MeshContext create(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("the path of a context begins with /, not: " + path);
    }
    MeshContext context = new MeshContext(server, path);
    if (byPath.putIfAbsent(path, context) != null) {
      throw new IllegalArgumentException("there is a context for " + path + " already");
    }
    sort();
    return context;
  }

  void remove(String path) {
    if (byPath.remove(path) == null) {
      throw new IllegalArgumentException("there is no context for " + path);
    }
    sort();
  }

  private void sort() {
    longestFirst =
        byPath.values().stream()
            .sorted(Comparator.comparing((MeshContext c) -> c.getPath().length()).reversed())
            .toList();
  }

  /**
   * By the path that policy has judged.
   *
   * @param path still escaped. An escaped slash or backslash separates nothing here: it did not for
   *     policy either
   */
  @Nullable MeshContext find(String path) {
    String decoded = path;
    if (path.indexOf('%') >= 0) {
      try {
        decoded = new URI(ESCAPED_SEPARATOR.matcher(path).replaceAll("%25")).getPath();
      } catch (URISyntaxException e) {
        return null;
      }
    }
    for (MeshContext context : longestFirst) {
      if (decoded.startsWith(context.getPath())) {
        return context;
      }
    }
    return null;
  }
}
