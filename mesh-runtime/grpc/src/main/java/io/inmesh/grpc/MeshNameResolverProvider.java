package io.inmesh.grpc;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * {@code mesh:///host:port}, found by {@link java.util.ServiceLoader}. The authority part names one
 * of several meshes of the process and is filled by {@link MeshGrpc}; applications leave it empty.
 */
public final class MeshNameResolverProvider extends NameResolverProvider {
  static final String SCHEME = "mesh";

  @Override
  protected boolean isAvailable() {
    return true;
  }

  /** Below DNS: a target without a scheme is not for the mesh. */
  @Override
  protected int priority() {
    return 3;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    String path = target.getPath();
    if (path == null || path.length() < 2 || path.indexOf('/', 1) >= 0) {
      throw new IllegalArgumentException(
          "a target of the mesh is mesh:///host:port, this is " + target);
    }
    return new MeshNameResolver(target.getAuthority(), path.substring(1), args);
  }
}
