package io.inmesh.ledger;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of the descriptor set, each field joined with the ledger's row that decides it. */
final class Schema {
  static final String ANY = "google.protobuf.Any";

  /** {@code udpa.annotations.sensitive}, an option of fields. */
  private static final int SENSITIVE = 76569463;

  /** A message; {@code row} is the ledger's for the message as such. */
  static final class Message {
    final String name;
    final boolean mapEntry;
    final @Nullable LedgerRow row;
    final Map<Integer, Field> byNumber = new LinkedHashMap<>();
    final Map<String, Field> byJsonName = new HashMap<>();

    Message(String name, boolean mapEntry, @Nullable LedgerRow row) {
      this.name = name;
      this.mapEntry = mapEntry;
      this.row = row;
    }

    boolean isTypedStruct() {
      return name.equals("udpa.type.v1.TypedStruct") || name.equals("xds.type.v3.TypedStruct");
    }
  }

  /** A field; {@code message} and {@code values} are set where its type has them. */
  static final class Field {
    final Message owner;
    final String name;
    final String typeName;
    final boolean isEnum;
    final Type type;
    final boolean repeated;
    final int number;

    /** Envoy keeps it out of its dumps: a key, a password. */
    final boolean sensitive;

    final @Nullable LedgerRow row;
    @Nullable Message message;
    Map<Integer, EnumValue> values = Map.of();

    Field(Message owner, FieldDescriptorProto f, @Nullable LedgerRow row) {
      this.owner = owner;
      this.name = f.getName();
      this.typeName = f.hasTypeName() ? f.getTypeName().substring(1) : "";
      this.isEnum = f.getType() == Type.TYPE_ENUM;
      this.type = f.getType();
      this.repeated = f.getLabel() == FieldDescriptorProto.Label.LABEL_REPEATED;
      this.number = f.getNumber();
      this.sensitive =
          f.getOptions().getUnknownFields().getField(SENSITIVE).getVarintList().contains(1L);
      this.row = row;
    }

    String path() {
      return owner.name + "." + name;
    }
  }

  /** A value of an enum field; without a row of its own the field's row decides. */
  record EnumValue(Field field, String name, @Nullable LedgerRow row) {
    String path() {
      return field.path() + "=" + name;
    }
  }

  private final Map<String, Message> messages = new LinkedHashMap<>();
  private final Map<String, EnumDescriptorProto> enums = new HashMap<>();
  private final LedgerTable table;

  Schema(FileDescriptorSet set, LedgerTable table) {
    this.table = table;
    set.getFileList()
        .forEach(
            f -> {
              f.getMessageTypeList().forEach(m -> add(f.getPackage(), m));
              f.getEnumTypeList().forEach(e -> enums.put(f.getPackage() + "." + e.getName(), e));
            });
    for (Message m : messages.values()) {
      m.byNumber.values().forEach(this::link);
    }
  }

  @Nullable Message find(String name) {
    return messages.get(name);
  }

  Collection<Message> messages() {
    return messages.values();
  }

  private void add(String scope, DescriptorProto m) {
    String name = scope + "." + m.getName();
    Message message = new Message(name, m.getOptions().getMapEntry(), table.forMessage(name));
    messages.put(name, message);
    for (FieldDescriptorProto f : m.getFieldList()) {
      Field field = new Field(message, f, table.forField(name, f.getName()));
      message.byNumber.put(f.getNumber(), field);
      message.byJsonName.put(f.getName(), field);
      message.byJsonName.put(f.getJsonName(), field);
    }
    m.getNestedTypeList().forEach(n -> add(name, n));
    m.getEnumTypeList().forEach(e -> enums.put(name + "." + e.getName(), e));
  }

  private void link(Field field) {
    field.message = messages.get(field.typeName);
    EnumDescriptorProto type = field.isEnum ? enums.get(field.typeName) : null;
    if (type != null) {
      Map<Integer, EnumValue> values = new HashMap<>();
      type.getValueList()
          .forEach(
              v -> {
                LedgerRow row = table.forEnumValue(field.owner.name, field.name, v.getName());
                values.putIfAbsent(v.getNumber(), new EnumValue(field, v.getName(), row));
              });
      field.values = values;
    }
  }
}
