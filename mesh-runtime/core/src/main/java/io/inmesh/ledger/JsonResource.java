package io.inmesh.ledger;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * A resource that was read from JSON.
 *
 * @param bytes the serialized message; in place of what could not be read it has a field that no
 *     message knows, so that whoever compiles it treats it as a field newer than this runtime
 * @param notRead fields and values that the messages known here do not have
 */
public record JsonResource(ByteString bytes, List<LedgerFinding> notRead) {
  /** The number of that field. */
  static final int UNREAD = (1 << 29) - 1;

  /** The number that stands for a value of an enum that is not known here. */
  static final int UNREAD_VALUE = Integer.MAX_VALUE;

  /** Whether a finding in {@code bytes} is only the mark of what {@link #notRead} names. */
  public static boolean isMark(LedgerFinding finding) {
    return finding.field().endsWith(".(" + UNREAD + ")")
        || finding.field().endsWith("=" + UNREAD_VALUE);
  }

  /** What a compiler says of a field, without the number that only the mark has. */
  public static String withoutMark(String field) {
    return field.replace("fields [" + UNREAD + "]", "a field");
  }
}
