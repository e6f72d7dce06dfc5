/**
 * One logical call: filters, route, attempts, outcome. A state machine without I/O, threads or
 * clock: events go in, commands come out. Knows filter, upstream and config; does not know who
 * drives it.
 */
@NullMarked
package io.inmesh.call;

import org.jspecify.annotations.NullMarked;
