package io.inmesh.config;

import io.inmesh.config.HeaderEditList.Action;
import io.inmesh.config.HeaderEditList.Addition;
import io.inmesh.http.HeaderNames;
import io.inmesh.proto.envoy.config.core.v3.HeaderValue;
import io.inmesh.proto.envoy.config.core.v3.HeaderValueOption;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Compiles {@code *_headers_to_add} and {@code *_headers_to_remove}. */
public final class HeaderEditsCompiler {
  /**
   * What {@code io.inmesh.call} has a value for; another command would be written as nothing, in
   * silence.
   */
  private static final Set<String> ANSWERED =
      Set.of(
          "REQ",
          "PROTOCOL",
          "DOWNSTREAM_REMOTE_ADDRESS",
          "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
          "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_LOCAL_ADDRESS",
          "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
          "DOWNSTREAM_LOCAL_PORT",
          "DOWNSTREAM_PEER_URI_SAN",
          "DOWNSTREAM_LOCAL_URI_SAN",
          "DOWNSTREAM_PEER_FINGERPRINT_256",
          "DOWNSTREAM_PEER_SUBJECT",
          "REQUESTED_SERVER_NAME",
          "RESPONSE_CODE",
          "RESPONSE_FLAGS",
          "RESPONSE_CODE_DETAILS",
          "ROUTE_NAME",
          "UPSTREAM_CLUSTER",
          "UPSTREAM_CLUSTER_RAW",
          "UPSTREAM_HOST",
          "UPSTREAM_REMOTE_ADDRESS",
          "UPSTREAM_REQUEST_ATTEMPT_COUNT");

  private static final int MAX_LENGTH = 16384;

  private HeaderEditsCompiler() {}

  /**
   * @param fields for messages: {@code request_headers} for {@code request_headers_to_add} and
   *     {@code request_headers_to_remove}
   * @throws ConfigException a pseudo header or host, a name or value that HTTP does not allow, an
   *     unknown substitution command; not yet: a known one that a process cannot answer
   */
  public static HeaderEdits compile(
      String fields, List<HeaderValueOption> add, List<String> remove) {
    if (add.isEmpty() && remove.isEmpty()) {
      return HeaderEdits.NONE;
    }
    List<String> removals =
        ConfigException.each(fields + "_to_remove", remove, HeaderEditsCompiler::name);
    List<Addition> overwrites = new ArrayList<>();
    List<Addition> additions = new ArrayList<>();
    for (Addition a :
        ConfigException.each(fields + "_to_add", add, HeaderEditsCompiler::addition)) {
      (a.action().overwrites() ? overwrites : additions).add(a);
    }
    return new HeaderEditList(removals, List.copyOf(overwrites), List.copyOf(additions));
  }

  /** One operation by itself. */
  static HeaderEdits edit(HeaderValueOption add) {
    List<Addition> one = List.of(addition(add));
    return one.get(0).action().overwrites()
        ? new HeaderEditList(List.of(), one, List.of())
        : new HeaderEditList(List.of(), List.of(), one);
  }

  static HeaderEdits removal(String name) {
    return new HeaderEditList(List.of(name(name)), List.of(), List.of());
  }

  private static Addition addition(HeaderValueOption proto) {
    HeaderValue header = proto.getHeader();
    if (!header.getValue().isEmpty() && !header.getRawValue().isEmpty()) {
      throw new ConfigException("header", "only one of value and raw_value may be set");
    }
    String name = ConfigException.field("header.key", header.getKey(), HeaderEditsCompiler::name);
    String value =
        header.getRawValue().isEmpty()
            ? header.getValue()
            : header.getRawValue().toString(StandardCharsets.ISO_8859_1);
    Format format = ConfigException.field("header.value", value, HeaderEditsCompiler::format);
    return new Addition(name, format, action(proto), proto.getKeepEmptyValue());
  }

  @SuppressWarnings("deprecation") // append: older control planes send nothing else
  private static Action action(HeaderValueOption proto) {
    Action action =
        switch (proto.getAppendAction()) {
          case APPEND_IF_EXISTS_OR_ADD -> Action.APPEND_IF_EXISTS_OR_ADD;
          case ADD_IF_ABSENT -> Action.ADD_IF_ABSENT;
          case OVERWRITE_IF_EXISTS_OR_ADD -> Action.OVERWRITE_IF_EXISTS_OR_ADD;
          case OVERWRITE_IF_EXISTS -> Action.OVERWRITE_IF_EXISTS;
          case UNRECOGNIZED ->
              throw new ConfigException(
                  "append_action", "unknown value " + proto.getAppendActionValue());
        };
    if (!proto.hasAppend()) {
      return action;
    }
    if (action != Action.APPEND_IF_EXISTS_OR_ADD) {
      throw new ConfigException("append_action", "append and append_action are both set");
    }
    return proto.getAppend().getValue() ? action : Action.OVERWRITE_IF_EXISTS_OR_ADD;
  }

  private static String name(String name) {
    String lower = HeaderNames.lower(name);
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      throw new ConfigException("", "a header name has 1 to " + MAX_LENGTH + " characters");
    }
    if (name.charAt(0) == ':' || lower.equals("host")) {
      throw new ConfigException("", "':'-prefixed or host headers may not be modified: " + name);
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c >= 127 || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
        throw new ConfigException("", "not a header name: " + name);
      }
    }
    return lower;
  }

  private static Format format(String value) {
    if (value.length() > MAX_LENGTH) {
      throw new ConfigException("", "a header value has at most " + MAX_LENGTH + " characters");
    }
    if (!HeaderEditList.sendable(value)) {
      throw new ConfigException("", "a header value has no NUL, CR or LF");
    }
    Format format = Format.compile(value);
    // asked once with nothing to say: which commands it will ask a call for
    format.format(
        (command, argument) -> {
          if (!ANSWERED.contains(command)) {
            throw ConfigException.notYet("", "command %" + command + "% in a header operation");
          }
          return null;
        });
    return format;
  }
}
