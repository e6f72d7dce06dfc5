package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.inmesh.match.PathNormalizer.EscapedSlashes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a normalised path promises to policies, for every path a caller can send. */
class PathFuzzTest {
  private static final PathNormalizer ISTIO = PathNormalizer.of(true, false, EscapedSlashes.KEEP);
  private static final PathNormalizer STRICTEST =
      PathNormalizer.of(true, true, EscapedSlashes.FORWARD);

  @FuzzTest(maxDuration = "10s")
  void noDotSegmentIsLeft(byte[] data) {
    String path = new String(data, StandardCharsets.ISO_8859_1);
    for (PathNormalizer normalizer : List.of(ISTIO, STRICTEST)) {
      String seen = normalizer.normalize("GET", path);
      if (seen != null) {
        String plain = seen.split("\\?", 2)[0];
        assertThat(plain).startsWith("/");
        for (String segment : plain.split("/", -1)) {
          assertThat(segment).isNotIn(".", "..");
        }
        assertThat(normalizer.normalize("GET", seen)).as("once more").isEqualTo(seen);
      }
    }
    String merged = STRICTEST.normalize("GET", path);
    // of slashes only, two are left: as Envoy does it
    if (merged != null && !merged.split("\\?", 2)[0].equals("//")) {
      assertThat(merged.split("\\?", 2)[0]).doesNotContain("//").doesNotContainIgnoringCase("%2f");
    }
  }
}
