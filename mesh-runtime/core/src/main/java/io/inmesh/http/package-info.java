/**
 * Heads of requests and responses as values: what every package above talks about. Knows nothing of
 * Inmesh; no bytes of bodies, no sockets, no configuration.
 */
@NullMarked
package io.inmesh.http;

import org.jspecify.annotations.NullMarked;
