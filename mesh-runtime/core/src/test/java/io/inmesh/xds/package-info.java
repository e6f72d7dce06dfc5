/**
 * Control planes for tests: one that replays what real ones sent, one that does as it is told, and
 * a clock that is told.
 */
@NullMarked
package io.inmesh.xds;

import org.jspecify.annotations.NullMarked;
