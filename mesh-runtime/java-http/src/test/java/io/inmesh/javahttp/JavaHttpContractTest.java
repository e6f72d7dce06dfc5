package io.inmesh.javahttp;

import io.inmesh.conformance.ClientContract;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.runtime.MeshServices;
import java.net.http.HttpClient;

/** The whole client contract. */
class JavaHttpContractTest extends ClientContract {
  @Override
  protected ClientUnderTest client(MeshServices services) {
    return new JavaClientUnderTest(
        new JavaHttpAdapter().wrap(HttpClient.newHttpClient(), services));
  }
}
