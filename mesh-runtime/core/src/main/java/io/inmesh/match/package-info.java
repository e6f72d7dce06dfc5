/**
 * Compiled matchers: strings, paths, headers, CIDR ranges, principals. Knows heads; knows no protos
 * and no configuration.
 */
@NullMarked
package io.inmesh.match;

import org.jspecify.annotations.NullMarked;
