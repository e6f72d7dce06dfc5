package io.inmesh.okhttp;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Meshes {@link OkHttpClient}s of version 5.4 or newer. The wrapped client keeps the application's
 * interceptors, dispatcher, time-outs, cookie jar, authenticator and event listener; wrap last,
 * since an interceptor added to the wrapped client would stand below the mesh and not be called.
 */
public final class OkHttpAdapter implements MeshAdapter<OkHttpClient> {
  @Override
  public Class<OkHttpClient> type() {
    return OkHttpClient.class;
  }

  @Override
  public @Nullable String problem() {
    return OkHttpVersion.problem();
  }

  @Override
  public OkHttpClient wrap(OkHttpClient target, MeshServices services) {
    return MeshInterceptor.under(target, services);
  }
}
