package io.inmesh.grpc.server;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.inmesh.conformance.GrpcServerContract;
import io.inmesh.runtime.MeshServices;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Meshed servers pass the contract on both Nettys, however their builder was made. */
class GrpcServerContractTest {
  @Nested
  class OnShadedNetty extends Contract {
    @Override
    ServerBuilder<?> builder() {
      return io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder.forPort(0);
    }
  }

  @Nested
  class OnNetty extends Contract {
    @Override
    ServerBuilder<?> builder() {
      return io.grpc.netty.NettyServerBuilder.forPort(0);
    }
  }

  /** As most applications do it; the builder takes no other security by its methods. */
  @Nested
  class WithCredentialsAndAnExecutorOfItsOwn extends Contract {
    @Override
    ServerBuilder<?> builder() {
      return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).directExecutor();
    }
  }

  abstract static class Contract extends GrpcServerContract {
    abstract ServerBuilder<?> builder();

    @Override
    protected Server server(
        MeshServices services,
        List<ServerServiceDefinition> application,
        ServerInterceptor interceptor)
        throws Exception {
      ServerBuilder<?> builder = MeshServerBuilder.of(builder(), services).intercept(interceptor);
      application.forEach(builder::addService);
      return builder.build().start();
    }
  }
}
