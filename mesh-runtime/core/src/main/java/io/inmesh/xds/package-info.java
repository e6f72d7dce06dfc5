/**
 * The streams and subscriptions that bring configuration: one aggregated (ADS) stream for the
 * process, acknowledged resource by resource, kept alive and reopened.
 *
 * <p>It knows resources (type, name, version, bytes), never what is in them; of the generated
 * messages it knows the envelope only.
 *
 * <p>Everything that belongs to a stream happens on one thread, the configuration thread; see
 * {@link io.inmesh.xds.AdsClient}.
 */
@NullMarked
package io.inmesh.xds;

import org.jspecify.annotations.NullMarked;
