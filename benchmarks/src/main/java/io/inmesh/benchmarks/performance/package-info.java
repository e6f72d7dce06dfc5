/**
 * The whole path, raw, meshed and through two Envoys, in processes of their own under one control
 * plane; every figure of docs/performance.md. Uses the mesh as an application does.
 */
@NullMarked
package io.inmesh.benchmarks.performance;

import org.jspecify.annotations.NullMarked;
