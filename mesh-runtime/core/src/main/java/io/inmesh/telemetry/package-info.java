/**
 * What is said about calls: one log line for each that the mesh itself answered or broke off. Knows
 * call and heads; decides nothing.
 */
@NullMarked
package io.inmesh.telemetry;

import org.jspecify.annotations.NullMarked;
