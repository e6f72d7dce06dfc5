/**
 * Istio YAML in a directory, read into records.
 *
 * <p>Every kind, field and value is either understood or refused with file, line, path and reason;
 * nothing is ignored. Knows YAML and Istio's schema. Knows nothing of Envoy, of gRPC or of who is
 * connected.
 */
@NullMarked
package io.inmesh.controlplane.config;

import org.jspecify.annotations.NullMarked;
