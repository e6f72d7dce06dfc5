/**
 * What Inmesh costs, measured: the parts that both benchmarks share (the machine, the report). Run
 * by {@code ./bench}; nothing of the mesh may know this module.
 */
@NullMarked
package io.inmesh.benchmarks;

import org.jspecify.annotations.NullMarked;
