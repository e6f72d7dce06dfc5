/**
 * Files that hold secrets or must not be half written.
 *
 * <p>Knows the file system only.
 */
@NullMarked
package io.inmesh.controlplane.files;

import org.jspecify.annotations.NullMarked;
