package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which destinations the mesh leaves alone. */
class ConfiguredExclusionsTest {

  private static ConfiguredExclusions excluding(String text) {
    return new ConfiguredExclusions(
        Settings.resolve(
            MeshConfig.builder().set(Setting.EXCLUDE, text).build(), key -> null, key -> null));
  }

  @ParameterizedTest
  @CsvSource({
    "kept.out, 80, true",
    "KEPT.out, 80, true",
    "other, 8080, true",
    "other, 8081, false",
    "10.1.2.3, 80, true",
    "11.1.2.3, 80, false",
    "[fd00::1], 80, true",
    "[fe00::1], 80, false",
    "localhost, 80, true",
    "127.9.9.9, 80, true",
    "127.example, 80, false",
    "reviews.shop, 8080, false"
  })
  void namesPortsRangesAndLoopback(String host, int port, boolean left) {
    assertThat(excluding("kept.out, other:8080, 10.0.0.0/8, fd00::/8").excludes(host, port))
        .isEqualTo(left);
  }

  @Test
  void theSwitchWorksAtRunTimeForOneAndForAll() {
    ConfiguredExclusions exclusions = excluding("");
    assertThat(exclusions.excludes("reviews.shop", 8080)).isFalse();
    exclusions.bypass("reviews.shop:8080", true);
    assertThat(exclusions.excludes("reviews.shop", 8080)).isTrue();
    assertThat(exclusions.excludes("ratings.shop", 8080)).isFalse();
    exclusions.bypass("reviews.shop:8080", false);
    assertThat(exclusions.excludes("reviews.shop", 8080)).isFalse();
    exclusions.bypass("*", true);
    assertThat(exclusions.excludes("ratings.shop", 8080)).isTrue();
    exclusions.bypass("*", false);
    assertThat(exclusions.excludes("ratings.shop", 8080)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0/99", "10.0.0/8", "10.0.0.0/x", "/8"})
  void whatIsNoRangeIsRefused(String range) {
    assertThatThrownBy(() -> excluding("kept.out," + range))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("inmesh.exclude")
        .hasMessageContaining("\"" + range + "\"");
  }
}
