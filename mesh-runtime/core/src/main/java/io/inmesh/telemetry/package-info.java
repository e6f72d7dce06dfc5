/**
 * What is said about calls: counters and metrics under Envoy's and Istio's names, and one log line
 * for each call that the mesh itself answered or broke off. Knows call and what is below; decides
 * nothing.
 */
@NullMarked
package io.inmesh.telemetry;

import org.jspecify.annotations.NullMarked;
