package io.inmesh.grpc;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;

/** Found by {@link java.util.ServiceLoader}; only {@code mesh:///} targets ask for it. */
public final class DirectoryProvider extends LoadBalancerProvider {
  static final String POLICY = "inmesh_directory";

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return 5;
  }

  @Override
  public String getPolicyName() {
    return POLICY;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return new Directory(helper);
  }
}
