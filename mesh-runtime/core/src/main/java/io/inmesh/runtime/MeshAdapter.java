package io.inmesh.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Meshes one type of client or server. Found by {@link java.util.ServiceLoader}; has a public
 * constructor without parameters.
 *
 * @param <T> what the application hands to {@link io.inmesh.Mesh#wrap}
 */
public interface MeshAdapter<T> {
  /** What it wraps; asked for by exactly this class. */
  Class<T> type();

  /**
   * Why the library on the class path cannot be used (too old, a part missing), with what to do
   * about it; null: it can. Called once, when the mesh starts; the mesh does not start then.
   */
  default @Nullable String problem() {
    return null;
  }

  /**
   * The meshed form: a new object, or the same one, changed, where the library has no other way.
   */
  T wrap(T target, MeshServices services);
}
