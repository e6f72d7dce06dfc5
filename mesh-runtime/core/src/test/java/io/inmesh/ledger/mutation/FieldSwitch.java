package io.inmesh.ledger.mutation;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Called by every message builder that {@link Weaver} has changed, just before it builds: what is
 * switched off is taken out. Whoever reads the message then cannot handle it.
 */
public final class FieldSwitch {
  private static volatile @Nullable Pattern off;

  private FieldSwitch() {}

  /** Something that the ledger calls enforced: a field, a value of an enum field, or a message. */
  record Pattern(String message, @Nullable String field, @Nullable String value) {

    /** Reads {@code package.Message}, {@code package.Message.field} or {@code ...field=VALUE}. */
    static Pattern of(String text) {
      int equals = text.indexOf('=');
      String path = equals < 0 ? text : text.substring(0, equals);
      String last = path.substring(path.lastIndexOf('.') + 1);
      if (Character.isUpperCase(last.charAt(0))) {
        return new Pattern(path, null, null);
      }
      String message = path.substring(0, path.length() - last.length() - 1);
      return new Pattern(message, last, equals < 0 ? null : text.substring(equals + 1));
    }

    /** {@code io.inmesh.proto.package.Message$Inner$Builder}. */
    String builder() {
      StringBuilder name = new StringBuilder("io.inmesh.proto");
      char divider = '.';
      for (String part : message.split("\\.")) {
        name.append(divider).append(part);
        divider = Character.isUpperCase(part.charAt(0)) ? '$' : divider;
      }
      return name + "$Builder";
    }
  }

  static void off(@Nullable Pattern pattern) {
    off = pattern;
  }

  /** What the changed builders call. */
  public static void apply(Object built) {
    Pattern pattern = off;
    if (pattern != null && built instanceof Message.Builder builder) {
      if (pattern.field == null) {
        forget(pattern.message, builder);
      } else if (builder.getDescriptorForType().getFullName().equals(pattern.message)) {
        clear(builder, pattern.field, pattern.value);
      }
    }
  }

  /** A message as such is known by the type URL that it comes with. */
  private static void forget(String message, Message.Builder builder) {
    if (builder instanceof Any.Builder any && any.getTypeUrl().endsWith("/" + message)) {
      any.setTypeUrl("type.googleapis.com/nobody.knows.This");
    }
  }

  private static void clear(Message.Builder builder, String name, @Nullable String value) {
    FieldDescriptor field = builder.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      throw new IllegalStateException("no field " + name + " in " + builder.getClass());
    }
    if (value == null) {
      builder.clearField(field);
    } else if (field.isRepeated()) {
      List<Object> others = new ArrayList<>();
      for (int i = 0; i < builder.getRepeatedFieldCount(field); i++) {
        Object each = builder.getRepeatedField(field, i);
        if (!is(each, value)) {
          others.add(each);
        }
      }
      builder.setField(field, others);
    } else if (is(builder.getField(field), value)) {
      builder.clearField(field);
    }
  }

  private static boolean is(Object value, String name) {
    return value instanceof EnumValueDescriptor e && e.getName().equals(name);
  }
}
