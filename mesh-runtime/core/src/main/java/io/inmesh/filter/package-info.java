/**
 * HTTP filters as code: what a compiled filter configuration does to a call. Knows config and
 * match; never a socket, never a proto.
 */
@NullMarked
package io.inmesh.filter;

import org.jspecify.annotations.NullMarked;
