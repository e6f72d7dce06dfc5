package io.inmesh.ledger;

/**
 * One row of the ledger.
 *
 * @param pattern {@code message.field}, {@code message.field=ENUM_VALUE}, {@code message} (the
 *     message as such, where an Any holds it) or {@code package.*}, {@code message.*} (everything
 *     below); the most specific row decides
 * @param state what is done with it
 * @param note for an enforced row the tests that show it, {@code Class#method} divided by spaces;
 *     else the reason
 */
public record LedgerRow(String pattern, SupportState state, String note) {}
