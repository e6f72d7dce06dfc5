package io.inmesh.upstream;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Turns a name into IP addresses without blocking the caller. Thread-safe. */
@FunctionalInterface
public interface HostResolver {
  /** IP addresses as text, in the order of the answer; fails when the name cannot be resolved. */
  CompletionStage<List<String>> resolve(String name);
}
