/**
 * Who is who: the certificate authority, the tokens, and what a caller has proven.
 *
 * <p>Knows keys, certificates, JWTs and Istio's certificate API. Knows nothing of configuration or
 * of Envoy. Private keys and tokens are only ever written to files of the owner and never logged.
 */
@NullMarked
package io.inmesh.controlplane.identity;

import org.jspecify.annotations.NullMarked;
