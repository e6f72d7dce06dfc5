package io.inmesh.config;

import com.google.protobuf.Message;

/**
 * Fields newer than the messages this runtime was built with. Where they may protect something,
 * leaving them out would open what they close (CVE-2022-21679).
 */
final class UnknownFields {
  private UnknownFields() {}

  /** True when the message or one inside it has such a field; {@code Any}s are not opened. */
  static boolean in(Message message) {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      return true;
    }
    for (Object value : message.getAllFields().values()) {
      if (value instanceof Message inner && in(inner)) {
        return true;
      }
      if (value instanceof Iterable<?> repeated) {
        for (Object element : repeated) {
          if (element instanceof Message inner && in(inner)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
