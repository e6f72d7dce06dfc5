package io.inmesh.config;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.http.JsonText;
import io.inmesh.proto.envoy.config.core.v3.SubstitutionFormatString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code SubstitutionFormatString} for access logs. */
final class LogFormats {
  /** Commands whose value is a number in JSON. */
  private static final Set<String> NUMBERS =
      Set.of(
          "RESPONSE_CODE",
          "BYTES_RECEIVED",
          "BYTES_SENT",
          "DURATION",
          "REQUEST_DURATION",
          "REQUEST_TX_DURATION",
          "RESPONSE_DURATION",
          "RESPONSE_TX_DURATION",
          "COMMON_DURATION",
          "UPSTREAM_REQUEST_ATTEMPT_COUNT",
          "GRPC_STATUS_NUMBER",
          "CONNECTION_ID",
          "DOWNSTREAM_LOCAL_PORT",
          "DOWNSTREAM_REMOTE_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_PORT",
          "UPSTREAM_REMOTE_PORT",
          "REQUEST_HEADERS_BYTES",
          "RESPONSE_HEADERS_BYTES",
          "RESPONSE_TRAILERS_BYTES");

  private LogFormats() {}

  @SuppressWarnings("deprecation") // text_format is still sent
  static LogFormat compile(SubstitutionFormatString proto) {
    String missing = proto.getOmitEmptyValues() ? "" : "-";
    return switch (proto.getFormatCase()) {
      case TEXT_FORMAT -> text(proto.getTextFormat(), missing);
      case TEXT_FORMAT_SOURCE -> {
        var source = proto.getTextFormatSource();
        if (!source.hasInlineString() && !source.hasInlineBytes()) {
          throw ConfigException.notYet("text_format_source", "only an inline format is read");
        }
        yield text(
            source.hasInlineString()
                ? source.getInlineString()
                : source.getInlineBytes().toStringUtf8(),
            missing);
      }
      case JSON_FORMAT -> json(proto.getJsonFormat(), proto.getOmitEmptyValues());
      case FORMAT_NOT_SET -> throw new ConfigException("format", "is required");
    };
  }

  static LogFormat text(String format, String missing) {
    Format compiled = Format.compile(format, missing);
    return compiled::format;
  }

  /** One line of JSON, its keys in order. */
  static LogFormat json(Struct format, boolean omitEmpty) {
    Node root = object(format, omitEmpty);
    return facts -> {
      StringBuilder line = new StringBuilder(512);
      root.write(line, facts);
      return line.append('\n').toString();
    };
  }

  /** A part of the JSON. */
  private interface Node {
    void write(StringBuilder line, LogFacts facts);

    /** Nothing is written for it where empty values are left out. */
    default boolean empty(LogFacts facts) {
      return false;
    }
  }

  private static Node node(Value value, boolean omitEmpty) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> object(value.getStructValue(), omitEmpty);
      case LIST_VALUE -> list(value.getListValue().getValuesList(), omitEmpty);
      case STRING_VALUE -> string(value.getStringValue(), omitEmpty);
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        String text =
            number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
        yield (line, facts) -> line.append(text);
      }
      case BOOL_VALUE -> (line, facts) -> line.append(value.getBoolValue());
      default -> (line, facts) -> line.append("null");
    };
  }

  private static Node object(Struct struct, boolean omitEmpty) {
    Map<String, Node> nodes = new TreeMap<>();
    struct.getFieldsMap().forEach((key, value) -> nodes.put(key, node(value, omitEmpty)));
    return (line, facts) -> {
      line.append('{');
      boolean first = true;
      for (Map.Entry<String, Node> entry : nodes.entrySet()) {
        if (omitEmpty && entry.getValue().empty(facts)) {
          continue;
        }
        line.append(first ? "" : ",");
        first = false;
        JsonText.quoted(line, entry.getKey());
        line.append(':');
        entry.getValue().write(line, facts);
      }
      line.append('}');
    };
  }

  private static Node list(List<Value> values, boolean omitEmpty) {
    List<Node> nodes = new ArrayList<>();
    values.forEach(value -> nodes.add(node(value, omitEmpty)));
    return (line, facts) -> {
      line.append('[');
      for (int i = 0; i < nodes.size(); i++) {
        line.append(i == 0 ? "" : ",");
        nodes.get(i).write(line, facts);
      }
      line.append(']');
    };
  }

  /** One command alone keeps its type and may be missing; among other text it is text. */
  private static Node string(String text, boolean omitEmpty) {
    String command = onlyCommand(text);
    if (command == null) {
      Format format = Format.compile(text, omitEmpty ? "" : "-");
      return (line, facts) -> JsonText.quoted(line, format.format(facts));
    }
    Format format = Format.compile(text, "\0");
    boolean number = NUMBERS.contains(command);
    return new Node() {
      @Override
      public void write(StringBuilder line, LogFacts facts) {
        String value = format.format(facts);
        if (value.equals("\0")) {
          line.append("null");
        } else if (number) {
          line.append(value);
        } else {
          JsonText.quoted(line, value);
        }
      }

      @Override
      public boolean empty(LogFacts facts) {
        return format.format(facts).equals("\0");
      }
    };
  }

  /** Its name; null: the text is more than one command. */
  private static @Nullable String onlyCommand(String text) {
    if (text.length() < 3 || text.charAt(0) != '%' || text.charAt(1) == '%') {
      return null;
    }
    int close = text.indexOf(')');
    int end = text.indexOf('%', Math.max(1, close));
    if (end != text.length() - 1) {
      return null;
    }
    int to = 1;
    while (to < end
        && (Character.isUpperCase(text.charAt(to))
            || text.charAt(to) == '_'
            || Character.isDigit(text.charAt(to)))) {
      to++;
    }
    return text.substring(1, to);
  }
}
