/**
 * Served requests: what every server adapter built on threads shares, and the Servlet filter. Knows
 * calls and drivers; decides nothing, and knows nothing of configuration or TLS.
 */
@NullMarked
package io.inmesh.servlet;

import org.jspecify.annotations.NullMarked;
