/**
 * Immutable compiled tables: listeners, routes, clusters, endpoints, policies, TLS contexts; and
 * the pure functions that compile them from Envoy's messages. The only place, with ledger, xds and
 * identity, where protos are seen.
 */
@NullMarked
package io.inmesh.config;

import org.jspecify.annotations.NullMarked;
