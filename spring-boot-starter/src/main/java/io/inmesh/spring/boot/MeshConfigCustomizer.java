package io.inmesh.spring.boot;

import io.inmesh.MeshConfig;

/**
 * A bean that has a say before the mesh starts: objects for adapters ({@link
 * MeshConfig.Builder#with}), settings that win over {@code inmesh.*}. Ordered.
 */
@FunctionalInterface
public interface MeshConfigCustomizer {
  void customize(MeshConfig.Builder config);
}
