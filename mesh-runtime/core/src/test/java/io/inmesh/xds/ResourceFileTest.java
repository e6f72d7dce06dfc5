package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configuration on disk is used as it was written, by whom it was written for, or not at all. */
class ResourceFileTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Map<String, String> OWNER =
      Map.of("node", "sidecar~10.0.0.1~a.shop~shop", "trust domain", "td");
  private static final List<XdsResource> RESOURCES =
      List.of(
          new XdsResource(
              "reviews", "7", TypeUrl.CLUSTER, ByteString.copyFromUtf8("not looked at")),
          new XdsResource("0.0.0.0_80", "", TypeUrl.LISTENER, ByteString.EMPTY));

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("state").resolve("last-known-good");
    ResourceFile.write(file, OWNER, NOW, RESOURCES);
  }

  @Test
  void comesBackAsItWasWrittenAndIsItsOwnersAlone() throws IOException {
    assertThat(ResourceFile.read(file, OWNER)).isEqualTo(new ResourceFile(OWNER, NOW, RESOURCES));
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(permissions(file.getParent())).isEqualTo("rwx------");
  }

  @Test
  void anOlderOneIsReplacedAsAWholeAndStaysWhenWritingFails() throws IOException {
    ResourceFile.write(file, OWNER, NOW.plusSeconds(1), List.of(RESOURCES.get(0)));
    assertThat(ResourceFile.read(file, OWNER).resources()).hasSize(1);
    assertThatThrownBy(
            () ->
                ResourceFile.write(
                    file,
                    OWNER,
                    NOW,
                    new java.util.AbstractList<>() {
                      @Override
                      public XdsResource get(int index) {
                        throw new IllegalStateException("the disk is full");
                      }

                      @Override
                      public int size() {
                        return 1;
                      }
                    }))
        .hasMessage("the disk is full");
    assertThat(ResourceFile.read(file, OWNER).writtenAt()).isEqualTo(NOW.plusSeconds(1));
    try (var files = Files.list(file.getParent())) {
      assertThat(files).as("nothing is left over").containsExactly(file);
    }
  }

  @Test
  void everyChangedByteIsSeen() throws IOException {
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      Files.write(file, bad);
      refused("");
    }
  }

  @Test
  void everyMissingEndIsSeen() throws IOException {
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      refused("truncated");
    }
  }

  @Test
  void anotherFormatIsNotGuessedAt() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[11] = 9;
    Files.write(file, bytes);
    refused("has format 9, this version of Inmesh reads 1");
  }

  @Test
  void whatWasWrittenForOthersIsNotUsed() {
    assertThatThrownBy(
            () -> ResourceFile.read(file, Map.of("node", "sidecar~10.0.0.2~b.shop~shop")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining("node 'sidecar~10.0.0.1~a.shop~shop'")
        .hasMessageContaining("not 'sidecar~10.0.0.2~b.shop~shop'");
    assertThatThrownBy(() -> ResourceFile.read(file, Map.of("trust domain", "other")))
        .hasMessageContaining("trust domain 'td', not 'other'");
  }

  @Test
  void whoeverElseMayWriteItMayHaveWrittenIt() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    refused("may be written by other users (rw-rw----)");
  }

  private void refused(String why) {
    assertThatThrownBy(() -> ResourceFile.read(file, OWNER))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(why);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
