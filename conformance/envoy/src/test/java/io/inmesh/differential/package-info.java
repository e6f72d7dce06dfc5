/**
 * One configuration, one request, two answers: what a real Envoy does with generated configurations
 * and requests, and what Inmesh does. Knows the engine from protos to commands, the adapters, and
 * that Envoy.
 */
@NullMarked
package io.inmesh.differential;

import org.jspecify.annotations.NullMarked;
