/**
 * A gRPC service in two versions and its caller: a canary by metadata, a shift by weight, retries.
 * Uses Inmesh as an application does; three workloads in one JVM, so that one command shows it.
 */
@NullMarked
package io.inmesh.examples.greeter;

import org.jspecify.annotations.NullMarked;
