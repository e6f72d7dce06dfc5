package io.inmesh.config;

import io.inmesh.http.Headers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Header operations of several levels, one after the other. */
record EditChain(List<HeaderEdits> levels) implements HeaderEdits {

  /**
   * @param mostSpecificFirst route, virtual host, route configuration
   * @param mostSpecificWins {@code most_specific_header_mutations_wins}: the reverse order, so that
   *     the most specific writes last
   */
  static HeaderEdits of(boolean mostSpecificWins, HeaderEdits... mostSpecificFirst) {
    List<HeaderEdits> levels = new ArrayList<>();
    for (HeaderEdits edits : mostSpecificFirst) {
      if (edits != NONE) {
        levels.add(edits);
      }
    }
    if (mostSpecificWins) {
      Collections.reverse(levels);
    }
    return switch (levels.size()) {
      case 0 -> NONE;
      case 1 -> levels.get(0);
      default -> new EditChain(List.copyOf(levels));
    };
  }

  @Override
  public void apply(Headers headers, FormatValues values) {
    for (int i = 0; i < levels.size(); i++) {
      levels.get(i).apply(headers, values);
    }
  }
}
