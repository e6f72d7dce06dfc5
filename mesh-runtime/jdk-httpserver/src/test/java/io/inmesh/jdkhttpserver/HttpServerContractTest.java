package io.inmesh.jdkhttpserver;

import io.inmesh.conformance.ServerContract;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.conformance.ServerUnderTest.Application;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import org.junit.jupiter.api.Nested;

/** The JDK's HttpServer passes the contract over HTTP/1.1, however handlers answer. */
class HttpServerContractTest {
  @Nested
  class OnTheServersThread extends Contract {
    OnTheServersThread() {
      super(false);
    }
  }

  @Nested
  class OnAnotherThread extends Contract {
    OnAnotherThread() {
      super(true);
    }
  }

  abstract static class Contract extends ServerContract {
    private final boolean async;

    Contract(boolean async) {
      this.async = async;
    }

    @Override
    protected ServerUnderTest server(MeshServices services, Application application)
        throws IOException {
      return TestHttpServer.start(services, application, async);
    }

    @Override
    protected boolean http2() {
      return false;
    }
  }
}
