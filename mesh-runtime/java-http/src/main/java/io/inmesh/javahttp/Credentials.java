package io.inmesh.javahttp;

import java.net.Authenticator;
import java.net.MalformedURLException;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Challenge;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The given client's authenticator, asked as the JDK's client asks it: for Basic challenges of
 * servers. What worked is sent at once to the same origin from then on. Thread-safe.
 */
final class Credentials {
  /** How often in a row one call is asked: the JDK's limit. */
  static final int LIMIT = 3;

  private final @Nullable Authenticator authenticator;
  private final Map<String, String> known = new ConcurrentHashMap<>();

  Credentials(HttpClient given) {
    authenticator = given.authenticator().orElse(null);
  }

  /** A value for {@code authorization}, if that origin has taken one before. */
  @Nullable String known(URI uri) {
    return authenticator == null ? null : known.get(origin(uri));
  }

  /**
   * Another value, for a 401.
   *
   * @return null: the answer is the caller's
   */
  @Nullable String answer(URI uri, Response challenged) {
    Authenticator asked = authenticator;
    if (asked == null) {
      return null;
    }
    known.remove(origin(uri));
    for (Challenge challenge : challenged.challenges()) {
      if (challenge.scheme().equalsIgnoreCase("Basic")) {
        PasswordAuthentication given =
            asked.requestPasswordAuthenticationInstance(
                uri.getHost(),
                null,
                port(uri),
                uri.getScheme(),
                challenge.realm(),
                "Basic",
                url(uri),
                Authenticator.RequestorType.SERVER);
        return given == null ? null : basic(given);
      }
    }
    return null;
  }

  /** The origin did not refuse it. */
  void worked(URI uri, String value) {
    known.put(origin(uri), value);
  }

  private static String basic(PasswordAuthentication given) {
    String pair = given.getUserName() + ":" + new String(given.getPassword());
    byte[] bytes = pair.getBytes(StandardCharsets.ISO_8859_1);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  private static String origin(URI uri) {
    return uri.getScheme() + "://" + uri.getHost() + ":" + port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
  }

  private static @Nullable URL url(URI uri) {
    try {
      return uri.toURL();
    } catch (MalformedURLException e) {
      return null;
    }
  }
}
