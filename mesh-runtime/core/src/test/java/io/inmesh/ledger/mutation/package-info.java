/**
 * Proves the ledger's word "enforced": each such field is made to vanish from every message, and a
 * test that its row names must fail. Knows the ledger and the generated messages, nothing else.
 */
@NullMarked
package io.inmesh.ledger.mutation;

import org.jspecify.annotations.NullMarked;
