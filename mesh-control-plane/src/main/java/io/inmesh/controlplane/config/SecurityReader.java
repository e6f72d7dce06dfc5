package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads PeerAuthentication and AuthorizationPolicy. */
final class SecurityReader {
  private static final List<String> CONDITIONS =
      List.of(
          "source.ip",
          "remote.ip",
          "source.namespace",
          "source.principal",
          "source.serviceAccount",
          "destination.ip",
          "destination.port",
          "connection.sni");

  private SecurityReader() {}

  static PeerAuthentication peerAuthentication(ObjectMeta meta, Fields spec) throws ConfigRefused {
    Map<String, String> selector = selector(spec);
    Value mtls = spec.get("mtls");
    PeerAuthentication.Mode mode = mtls == null ? PeerAuthentication.Mode.UNSET : mode(mtls);
    Map<Integer, PeerAuthentication.Mode> ports = new LinkedHashMap<>();
    Value levels = spec.get("portLevelMtls");
    if (levels != null) {
      if (selector.isEmpty()) {
        throw levels.refused("portLevelMtls needs a selector");
      }
      for (Map.Entry<String, Value> level : levels.map().all().entrySet()) {
        int port;
        try {
          port = Integer.parseInt(level.getKey());
        } catch (NumberFormatException e) {
          throw level.getValue().refused("\"" + level.getKey() + "\" is not a port number");
        }
        if (port < 1 || port > 65535) {
          throw level.getValue().refused(port + " is not a port number");
        }
        ports.put(port, mode(level.getValue()));
      }
    }
    spec.done();
    return new PeerAuthentication(meta, selector, mode, Map.copyOf(ports));
  }

  private static PeerAuthentication.Mode mode(Value mtls) throws ConfigRefused {
    Fields fields = mtls.map();
    Value value = fields.get("mode");
    PeerAuthentication.Mode mode =
        value == null ? PeerAuthentication.Mode.UNSET : value.oneOf(PeerAuthentication.Mode.class);
    fields.done();
    return mode;
  }

  static Map<String, String> selector(Fields spec) throws ConfigRefused {
    Value value = spec.get("selector");
    if (value == null) {
      return Map.of();
    }
    Fields fields = value.map();
    Map<String, String> labels = ServiceReader.labels(fields.require("matchLabels"));
    fields.done();
    return labels;
  }

  static AuthorizationPolicy authorizationPolicy(ObjectMeta meta, Fields spec)
      throws ConfigRefused {
    spec.notImplemented("targetRef", "targetRefs", "provider");
    Map<String, String> selector = selector(spec);
    Value actionValue = spec.get("action");
    if (actionValue != null && actionValue.text().equals("CUSTOM")) {
      throw actionValue.refused(
          "CUSTOM asks an external authorizer: not implemented by the embedded control plane");
    }
    AuthorizationPolicy.Action action =
        actionValue == null
            ? AuthorizationPolicy.Action.ALLOW
            : actionValue.oneOf(AuthorizationPolicy.Action.class);
    List<AuthorizationPolicy.Rule> rules = new ArrayList<>();
    Value ruleValues = spec.get("rules");
    if (ruleValues != null) {
      for (Value rule : ruleValues.list()) {
        rules.add(rule(rule.map(), meta.namespace()));
      }
    }
    if (rules.isEmpty() && action != AuthorizationPolicy.Action.ALLOW) {
      throw spec.owner().refused("a policy with action " + action + " and no rules does nothing");
    }
    spec.done();
    return new AuthorizationPolicy(meta, selector, action, List.copyOf(rules));
  }

  private static AuthorizationPolicy.Rule rule(Fields rule, String namespace) throws ConfigRefused {
    List<AuthorizationPolicy.Source> sources = new ArrayList<>();
    Value from = rule.get("from");
    if (from != null) {
      for (Value item : from.nonEmptyList()) {
        Fields wrapper = item.map();
        sources.add(source(wrapper.require("source"), namespace));
        wrapper.done();
      }
    }
    List<AuthorizationPolicy.Operation> operations = new ArrayList<>();
    Value to = rule.get("to");
    if (to != null) {
      for (Value item : to.nonEmptyList()) {
        Fields wrapper = item.map();
        operations.add(operation(wrapper.require("operation")));
        wrapper.done();
      }
    }
    List<AuthorizationPolicy.Condition> conditions = new ArrayList<>();
    Value when = rule.get("when");
    if (when != null) {
      for (Value item : when.nonEmptyList()) {
        conditions.add(condition(item.map(), namespace));
      }
    }
    rule.done();
    return new AuthorizationPolicy.Rule(
        List.copyOf(sources), List.copyOf(operations), List.copyOf(conditions));
  }

  private static AuthorizationPolicy.Source source(Value value, String namespace)
      throws ConfigRefused {
    Fields fields = value.map();
    fields.notImplemented(
        "requestPrincipals", "notRequestPrincipals", "trustDomains", "notTrustDomains");
    AuthorizationPolicy.Source source =
        new AuthorizationPolicy.Source(
            values(fields, "principals", "notPrincipals", SecurityReader::wildcard),
            values(fields, "namespaces", "notNamespaces", SecurityReader::wildcard),
            values(fields, "serviceAccounts", "notServiceAccounts", account(namespace)),
            values(fields, "ipBlocks", "notIpBlocks", Addresses::cidr),
            values(fields, "remoteIpBlocks", "notRemoteIpBlocks", Addresses::cidr));
    fields.done();
    if (source.principals().isEmpty()
        && source.namespaces().isEmpty()
        && source.serviceAccounts().isEmpty()
        && source.ipBlocks().isEmpty()
        && source.remoteIpBlocks().isEmpty()) {
      throw value.refused("an empty source says nothing");
    }
    return source;
  }

  private static AuthorizationPolicy.Operation operation(Value value) throws ConfigRefused {
    Fields fields = value.map();
    AuthorizationPolicy.Operation operation =
        new AuthorizationPolicy.Operation(
            values(fields, "hosts", "notHosts", SecurityReader::wildcard),
            values(fields, "ports", "notPorts", SecurityReader::port),
            values(fields, "methods", "notMethods", SecurityReader::wildcard),
            values(fields, "paths", "notPaths", SecurityReader::path));
    fields.done();
    if (operation.hosts().isEmpty()
        && operation.ports().isEmpty()
        && operation.methods().isEmpty()
        && operation.paths().isEmpty()) {
      throw value.refused("an empty operation says nothing");
    }
    return operation;
  }

  private static AuthorizationPolicy.Condition condition(Fields fields, String namespace)
      throws ConfigRefused {
    Value key = fields.require("key");
    String name = key.nonEmpty();
    boolean header =
        name.startsWith("request.headers[") && name.endsWith("]") && name.length() > 17;
    if (!header && !CONDITIONS.contains(name)) {
      throw key.refused(
          "the condition \""
              + name
              + "\" is not implemented; one of request.headers[name], "
              + String.join(", ", CONDITIONS));
    }
    Check check =
        switch (name) {
          case "source.ip", "remote.ip", "destination.ip" -> Addresses::cidr;
          case "destination.port" -> SecurityReader::port;
          case "source.serviceAccount" -> account(namespace);
          default -> SecurityReader::wildcard;
        };
    AuthorizationPolicy.Values values = values(fields, "values", "notValues", check);
    if (values.isEmpty()) {
      throw key.refused("a condition needs values or notValues");
    }
    fields.done();
    return new AuthorizationPolicy.Condition(name, values);
  }

  private interface Check {
    String read(Value value) throws ConfigRefused;
  }

  private static AuthorizationPolicy.Values values(
      Fields fields, String in, String notIn, Check check) throws ConfigRefused {
    return new AuthorizationPolicy.Values(
        read(fields.get(in), check), read(fields.get(notIn), check));
  }

  private static List<String> read(@org.jspecify.annotations.Nullable Value value, Check check)
      throws ConfigRefused {
    if (value == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (Value item : value.nonEmptyList()) {
      texts.add(check.read(item));
    }
    return List.copyOf(texts);
  }

  /** Exact, prefix {@code abc*}, suffix {@code *abc} or {@code *}. */
  private static String wildcard(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    String inner =
        text.startsWith("*")
            ? text.substring(1)
            : text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
    if (inner.contains("*")) {
      throw value.refused(
          "a * can stand at the start or at the end of \"" + text + "\", not both and not inside");
    }
    return text;
  }

  private static String path(Value value) throws ConfigRefused {
    if (value.nonEmpty().contains("{")) {
      throw value.refused(
          "path templates ({*}, {**}) are not implemented by the embedded control plane");
    }
    return wildcard(value);
  }

  /** A name alone means the namespace of the policy. */
  private static Check account(String namespace) {
    return value -> {
      String text = account(value);
      return text.contains("/") ? text : namespace + "/" + text;
    };
  }

  private static String account(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (!text.matches("([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?")) {
      throw value.refused(
          "\"" + text + "\" is not a service account: write name or namespace/name");
    }
    return text;
  }

  private static String port(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (!text.matches("[0-9]{1,5}")
        || Integer.parseInt(text) > 65535
        || Integer.parseInt(text) == 0) {
      throw value.refused("\"" + text + "\" is not a port number");
    }
    return text;
  }
}
