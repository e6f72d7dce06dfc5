package io.inmesh.reactor;

import io.inmesh.conformance.ServerContract;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.runtime.MeshServices;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole server contract, over both versions of HTTP. */
class HttpServerContractTest {
  @Nested
  @ExtendWith(NoLeaks.class)
  class Http1 extends ServerContract {
    @Override
    protected ServerUnderTest server(
        MeshServices services, ServerUnderTest.Application application) {
      return TestReactorServer.start(services, application);
    }

    @Override
    protected boolean http2() {
      return false;
    }
  }

  @Nested
  @ExtendWith(NoLeaks.class)
  class Http2 extends ServerContract {
    @Override
    protected ServerUnderTest server(
        MeshServices services, ServerUnderTest.Application application) {
      return TestReactorServer.start(services, application);
    }

    @Override
    protected boolean http2() {
      return true;
    }
  }
}
