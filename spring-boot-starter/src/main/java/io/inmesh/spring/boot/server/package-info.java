/** Puts the application's web server into the mesh, before it opens its port. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.server;
