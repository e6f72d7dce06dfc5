/**
 * The admin server: what the mesh knows of itself, on the JDK's HttpServer, in the shapes of
 * Envoy's admin interface. Knows the runtime's {@code AdminView}; decides nothing.
 */
@NullMarked
package io.inmesh.admin;

import org.jspecify.annotations.NullMarked;
