/**
 * Reads what real control planes sent (src/test/resources/recordings), for the tests of all
 * modules. Knows the files and the discovery messages; knows nothing of what Inmesh makes of them.
 */
@NullMarked
package io.inmesh.recordings;

import org.jspecify.annotations.NullMarked;
