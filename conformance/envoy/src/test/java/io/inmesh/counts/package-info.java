/**
 * What depends on the requests before (ejection, breakers, failover, panic, shares of localities
 * and hosts, where retries go): the same requests in the same order to a real Envoy and to the
 * engine, judged by counts of hosts and outcomes.
 */
@NullMarked
package io.inmesh.counts;

import org.jspecify.annotations.NullMarked;
