/**
 * One decision of the engine under JMH, without a byte on a socket: configuration compiled from
 * protos by the real store, a call driven to its end by hand. Knows core and protos only.
 */
@NullMarked
package io.inmesh.benchmarks.decision;

import org.jspecify.annotations.NullMarked;
