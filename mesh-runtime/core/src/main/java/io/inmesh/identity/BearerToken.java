package io.inmesh.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JWT in a file that somebody else renews. Its content is in no message. */
final class BearerToken {
  private static final int MAX_BYTES = 64 * 1024;

  private BearerToken() {}

  static String read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException(
          "token file " + file + " cannot be read: " + e.getClass().getSimpleName());
    }
    String token = new String(bytes, java.nio.charset.StandardCharsets.UTF_8).strip();
    if (token.isEmpty()) {
      throw new IOException("token file " + file + " is empty");
    }
    if (bytes.length > MAX_BYTES || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException("token file " + file + " does not hold one token");
    }
    return token;
  }
}
