/**
 * Clusters, hosts, load balancing, outlier detection, circuit breakers: which host gets an attempt,
 * and whether it may. Knows config; knows nothing of HTTP heads beyond a status, and never a
 * socket.
 */
@NullMarked
package io.inmesh.upstream;

import org.jspecify.annotations.NullMarked;
