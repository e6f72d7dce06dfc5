package io.inmesh.controlplane.config;

import java.util.Set;

/** {@code exportTo}: namespaces, {@code .} for the object's own, {@code *} for all. */
public record Visibility(Set<String> namespaces) {
  static final Visibility ALL = new Visibility(Set.of("*"));

  public boolean visibleIn(String namespace, String ownNamespace) {
    return namespaces.contains("*")
        || namespaces.contains(namespace)
        || (namespaces.contains(".") && namespace.equals(ownNamespace));
  }
}
