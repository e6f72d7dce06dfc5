/**
 * The whole path, raw against meshed: client and server in processes of their own, a control plane
 * in this one, rounds interleaved. Uses the mesh as an application does; knows no internals.
 */
@NullMarked
package io.inmesh.benchmarks.path;

import org.jspecify.annotations.NullMarked;
