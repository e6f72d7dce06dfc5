/**
 * From the proto to what callers and upstreams see: each field is set to different values and the
 * call goes differently. The support ledger names these tests. Knows everything but adapters.
 */
@NullMarked
package io.inmesh.fields;

import org.jspecify.annotations.NullMarked;
