/**
 * Puts the mesh together: settings, identity, streams, tables, and the adapters that are found on
 * the class path.
 */
@NullMarked
package io.inmesh.runtime;

import org.jspecify.annotations.NullMarked;
