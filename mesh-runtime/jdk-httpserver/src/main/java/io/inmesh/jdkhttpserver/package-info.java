/**
 * Inmesh on the JDK's own HttpServer: TLS and plaintext on its port, and policy for every request
 * before a context is looked for. Knows com.sun.net.httpserver and the core's seam; decides
 * nothing.
 */
@NullMarked
package io.inmesh.jdkhttpserver;

import org.jspecify.annotations.NullMarked;
