/**
 * The support ledger: for each field of each Envoy and Istio message, what Inmesh does with it, and
 * a walker that says which fields live configuration contains. Knows descriptors and wire bytes
 * only: no generated message, nothing of what configuration means. Every other package may use it.
 */
@NullMarked
package io.inmesh.ledger;

import org.jspecify.annotations.NullMarked;
