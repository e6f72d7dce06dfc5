package io.inmesh.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Message;
import io.grpc.stub.AbstractStub;
import org.junit.jupiter.api.Test;

/** In the profiles app-*: the libraries on the class path are those of the application. */
class LibraryVersionsTest {
  @Test
  void theTestsRunWithTheApplicationsLibraries() {
    String protobuf = System.getProperty("app.protobuf.version", "");
    String grpc = System.getProperty("app.grpc.version", "");
    assumeTrue(!protobuf.isEmpty(), "only in the profiles app-boot41 and app-quarkus333");
    assertThat(jar(Message.class)).contains("/protobuf-java-" + protobuf + ".jar");
    assertThat(jar(AbstractStub.class)).contains("/grpc-stub-" + grpc + ".jar");
  }

  private static String jar(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().toString();
  }
}
