package io.inmesh.admin;

import io.inmesh.http.JsonText;
import org.jspecify.annotations.Nullable;

/** One answer. */
record Page(int status, String type, String body) {
  static Page text(int status, String body) {
    return new Page(status, "text/plain; charset=utf-8", body);
  }

  static Page json(@Nullable Object tree) {
    return new Page(200, "application/json", JsonText.of(tree));
  }
}
