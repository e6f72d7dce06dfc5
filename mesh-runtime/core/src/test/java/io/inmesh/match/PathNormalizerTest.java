package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.match.PathNormalizer.EscapedSlashes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Paths come out as a real Envoy made them (recorded in envoy/path-normalization.tsv). */
class PathNormalizerTest {
  private static final List<PathNormalizer> COLUMNS =
      List.of(
          PathNormalizer.of(true, false, EscapedSlashes.KEEP),
          PathNormalizer.of(true, true, EscapedSlashes.KEEP),
          PathNormalizer.of(false, false, EscapedSlashes.KEEP),
          PathNormalizer.of(false, true, EscapedSlashes.KEEP),
          PathNormalizer.of(true, false, EscapedSlashes.REJECT),
          PathNormalizer.of(true, false, EscapedSlashes.REDIRECT),
          PathNormalizer.of(true, true, EscapedSlashes.FORWARD),
          PathNormalizer.of(false, false, EscapedSlashes.FORWARD));
  private static final PathNormalizer ISTIO = COLUMNS.get(0);

  /** Dot segments with parameters that only decoding makes: resolved here, passed on by Envoy. */
  private static final Set<String> STRICTER =
      Set.of(
          "/a/%2e%2e;x/b", "/a/.%2e;x/b", "/a/%2e.;x/b", "/x\\..;a/b", "/a/%2e;x/b", "/a%5c..;x/b");

  static Stream<List<String>> measured() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    PathNormalizerTest.class.getResourceAsStream("/envoy/path-normalization.tsv")),
                StandardCharsets.US_ASCII))) {
      for (String line; (line = in.readLine()) != null; ) {
        if (!line.startsWith("#")) {
          rows.add(Stream.of(line.split("\t")).map(PathNormalizerTest::unescape).toList());
        }
      }
    }
    assertThat(rows).hasSizeGreaterThan(130);
    return rows.stream();
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\\u", i)) {
        plain.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
        i += 5;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }

  @ParameterizedTest
  @MethodSource("measured")
  void does_what_envoy_did(List<String> row) {
    String path = row.get(0);
    if (STRICTER.contains(path)) {
      return;
    }
    String method = path.equals("*") ? "GET" : "POST";
    for (int i = 0; i < COLUMNS.size(); i++) {
      assertThat(outcome(COLUMNS.get(i), method, path))
          .as("%s, column %d", path, i)
          .isEqualTo(row.get(i + 1));
    }
  }

  private static String outcome(PathNormalizer normalizer, String method, String path) {
    String normalized = normalizer.normalize(method, path);
    return normalized == null
        ? "400"
        : normalizer.redirects(path) ? "307 " + normalized : normalized;
  }

  @ParameterizedTest
  @CsvSource({
    "/a/%2e%2e;x/b, /b",
    "/a/.%2e;x/b, /b",
    "/x\\..;a/b, /b",
    "/a/%2e;x/b, /a/b",
    "/a/b/%2e%2e;x/%2e%2e;y/c, /c"
  })
  void a_dot_segment_hidden_by_escapes_and_parameters_is_resolved(String path, String seen) {
    assertThat(ISTIO.normalize("GET", path)).isEqualTo(seen);
  }

  @Test
  void a_path_that_is_normal_is_the_same_object() {
    String path = new String("/catalog/items/17;v=2?a=%2e%2e/../b//c");
    for (PathNormalizer normalizer : COLUMNS) {
      assertThat(normalizer.normalize("GET", path)).isSameAs(path);
    }
  }

  @Test
  void no_path_belongs_to_connect_and_an_asterisk_to_options() {
    assertThat(ISTIO.normalize("CONNECT", "")).isEmpty();
    assertThat(ISTIO.normalize("GET", "")).isNull();
    assertThat(ISTIO.normalize("OPTIONS", "*")).isEqualTo("*");
    assertThat(ISTIO.normalize("GET", "*")).isNull();
    assertThat(ISTIO.normalize("POST", "pkg.Service/Method")).isNull();
  }

  @Test
  void sixty_four_kilobytes_of_dot_segments_take_no_time() {
    String path = "/a" + "/x/%2e%2e".repeat(7000) + "/admin";
    long before = System.nanoTime();
    assertThat(ISTIO.normalize("GET", path)).isEqualTo("/a/admin");
    assertThat(System.nanoTime() - before).isLessThan(1_000_000_000L);
  }

  @Property(tries = 2000)
  void what_came_out_stays_as_it_is_and_holds_no_dot_segment(
      @ForAll
          @StringLength(max = 24)
          @Chars({'/', '.', '%', '2', 'e', 'E', 'f', '5', 'c', ';', '\\', '?', '|'})
          @CharRange(from = 'a', to = 'c')
          String rest) {
    String once = ISTIO.normalize("GET", "/" + rest);
    if (once == null) {
      return;
    }
    String path = once.contains("?") ? once.substring(0, once.indexOf('?')) : once;
    for (String segment : path.split("/", -1)) {
      String name = segment.contains(";") ? segment.substring(0, segment.indexOf(';')) : segment;
      assertThat(name).isNotEqualTo(".").isNotEqualTo("..");
    }
    @Nullable String twice = ISTIO.normalize("GET", once);
    // %%61 decodes to %a, as in Envoy: only such a path may change again
    if (!("/" + rest).contains("%%") && !("/" + rest).matches(".*%[0-9a-fA-F]?%.*")) {
      assertThat(twice).isEqualTo(once);
    }
  }
}
