/**
 * The mesh of one machine that nobody starts: the applications on it run the control plane
 * themselves, one of them at a time. Knows the control plane by its public interface, and the files
 * in the folder where the applications meet.
 */
@NullMarked
package io.inmesh.controlplane.local;

import org.jspecify.annotations.NullMarked;
