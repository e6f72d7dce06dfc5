/**
 * What a workload gets: Envoy resources in the shapes istiod emits, and the streams that carry
 * them.
 *
 * <p>The only package that knows Envoy's messages. Resources are made by pure functions of the
 * configuration, the registrations and the asking node.
 */
@NullMarked
package io.inmesh.controlplane.xds;

import org.jspecify.annotations.NullMarked;
