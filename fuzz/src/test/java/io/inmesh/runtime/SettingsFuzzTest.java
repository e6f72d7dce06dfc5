package io.inmesh.runtime;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.inmesh.MeshException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A settings file of any content: settings, or a MeshException that names the file. */
class SettingsFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void readOrRefused(byte[] content) throws IOException {
    Path file = Files.createTempFile("inmesh", ".yaml");
    try {
      Files.write(file, content);
      SettingsFile.read(file);
    } catch (MeshException e) {
      if (!String.valueOf(e.getMessage()).contains(file.toString())) {
        throw e;
      }
    } finally {
      Files.delete(file);
    }
  }
}
