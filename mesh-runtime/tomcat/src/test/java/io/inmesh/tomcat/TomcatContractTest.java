package io.inmesh.tomcat;

import io.inmesh.conformance.ServerContract;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.conformance.ServerUnderTest.Application;
import io.inmesh.runtime.MeshServices;
import org.junit.jupiter.api.Nested;

/** Tomcat passes the contract, however callers speak and servlets answer. */
class TomcatContractTest {
  @Nested
  class OverHttp1 extends Contract {
    OverHttp1() {
      super(false, false);
    }
  }

  @Nested
  class OverHttp2 extends Contract {
    OverHttp2() {
      super(true, false);
    }
  }

  @Nested
  class AsyncOverHttp1 extends Contract {
    AsyncOverHttp1() {
      super(false, true);
    }
  }

  @Nested
  class AsyncOverHttp2 extends Contract {
    AsyncOverHttp2() {
      super(true, true);
    }
  }

  abstract static class Contract extends ServerContract {
    private final boolean http2;
    private final boolean async;

    Contract(boolean http2, boolean async) {
      this.http2 = http2;
      this.async = async;
    }

    @Override
    protected ServerUnderTest server(MeshServices services, Application application)
        throws Exception {
      return TestTomcat.start(services, application, async);
    }

    @Override
    protected boolean http2() {
      return http2;
    }
  }
}
