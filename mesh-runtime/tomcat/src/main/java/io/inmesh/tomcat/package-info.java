/**
 * Inmesh on an embedded Tomcat 11: TLS and plaintext on the application's own port, and policy for
 * every request before Tomcat looks at its path. Knows Tomcat and the core's seam; decides nothing.
 */
@NullMarked
package io.inmesh.tomcat;

import org.jspecify.annotations.NullMarked;
