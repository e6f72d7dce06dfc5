/**
 * Who this process is and whom it believes: SPIFFE names, keys, certificates, trust roots, TLS.
 *
 * <p>Certificates come from Istio's CA or from files; TLS goes out on JSSE and comes in on
 * BoringSSL.
 *
 * <p>May know {@code match} and the generated messages of Istio's CA; knows no configuration, no
 * call and no HTTP library.
 */
@NullMarked
package io.inmesh.identity;

import org.jspecify.annotations.NullMarked;
