/**
 * The Reactor Netty adapter: a mesh under HttpClient and WebClient, and around HttpServer, on the
 * serial driver. Translates heads, moves bytes, decides nothing. Knows Reactor Netty 1.3 on Netty
 * 4.2; Spring only in {@code MeshClientHttpConnector}, which needs spring-web.
 */
@NullMarked
package io.inmesh.reactor;

import org.jspecify.annotations.NullMarked;
