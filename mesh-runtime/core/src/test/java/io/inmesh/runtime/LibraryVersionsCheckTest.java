package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryVersionsCheckTest {

  @ParameterizedTest
  @ValueSource(strings = {"1.78.0", "1.9.1", "0.99.0"})
  void anOldGrpcIsRefusedWithWhatToDo(String version) {
    assertThat(LibraryVersions.grpcProblem(version)).contains(version, "1.79", "inmesh-bom");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.79.0", "1.83.0", "1.100.0-SNAPSHOT", "2.0.0", "unknown"})
  void othersAreFine(String version) {
    assertThat(LibraryVersions.grpcProblem(version)).isNull();
  }

  @Test
  void theOneHereIsFine() {
    LibraryVersions.check();
  }
}
