package io.inmesh.controlplane.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Istio YAML of any content: read, or refused with file and line. */
class IstioYamlFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void readOrRefused(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    try {
      DocumentReader.read("mesh.yaml", text);
    } catch (ConfigRefused e) {
      // said where and why
    }
  }
}
