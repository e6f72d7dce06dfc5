package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads VirtualService; the actions of a rule are read by {@link HttpActionReader}. */
final class VirtualServiceReader {
  private VirtualServiceReader() {}

  static VirtualService read(ObjectMeta meta, Fields spec) throws ConfigRefused {
    spec.notImplemented("tls", "tcp");
    List<String> hosts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Value value : spec.require("hosts").nonEmptyList()) {
      String host = Names.qualified(value, meta.namespace());
      if (!seen.add(host)) {
        throw value.refused("the host " + host + " is given twice");
      }
      hosts.add(host);
    }
    Value gateways = spec.get("gateways");
    if (gateways != null) {
      meshOnly(gateways);
    }
    List<HttpRule> rules = new ArrayList<>();
    for (Value value : spec.require("http").nonEmptyList()) {
      if (!rules.isEmpty() && rules.get(rules.size() - 1).matches().isEmpty()) {
        throw value.refused(
            "the rule before this one matches everything, so this one can never be used");
      }
      rules.add(rule(value, meta));
    }
    VirtualService service =
        new VirtualService(
            meta, List.copyOf(hosts), ServiceReader.visibility(spec), List.copyOf(rules));
    spec.done();
    return service;
  }

  private static void meshOnly(Value gateways) throws ConfigRefused {
    for (Value gateway : gateways.nonEmptyList()) {
      if (!gateway.text().equals("mesh")) {
        throw gateway.refused("only the gateway \"mesh\" is implemented");
      }
    }
  }

  private static HttpRule rule(Value value, ObjectMeta meta) throws ConfigRefused {
    Fields fields = value.map();
    fields.notImplemented("delegate");
    Value name = fields.get("name");
    List<HttpRule.Match> matches = new ArrayList<>();
    Value matchValues = fields.get("match");
    if (matchValues != null) {
      for (Value match : matchValues.nonEmptyList()) {
        matches.add(match(match));
      }
    }
    HttpRule rule =
        HttpActionReader.read(
            name == null ? "" : name.nonEmpty(), List.copyOf(matches), fields, meta.namespace());
    fields.done();
    return rule;
  }

  private static HttpRule.Match match(Value value) throws ConfigRefused {
    Fields fields = value.map();
    Value gateways = fields.get("gateways");
    if (gateways != null) {
      meshOnly(gateways);
    }
    Value ignoreCase = fields.get("ignoreUriCase");
    Value port = fields.get("port");
    Value labels = fields.get("sourceLabels");
    StringMatch uri = string(fields.get("uri"));
    if (ignoreCase != null && (uri == null || uri.kind() == StringMatch.Kind.REGEX)) {
      throw ignoreCase.refused("ignoreUriCase needs an exact or prefix uri");
    }
    HttpRule.Match match =
        new HttpRule.Match(
            fields.text("name", ""),
            uri,
            ignoreCase != null && ignoreCase.bool(),
            strings(fields.get("headers")),
            strings(fields.get("withoutHeaders")),
            strings(fields.get("queryParams")),
            string(fields.get("method")),
            string(fields.get("authority")),
            string(fields.get("scheme")),
            port == null ? 0 : port.integer(1, 65535),
            labels == null ? Map.of() : ServiceReader.labels(labels),
            fields.text("sourceNamespace", ""),
            fields.text("statPrefix", ""));
    fields.done();
    return match;
  }

  private static Map<String, StringMatch> strings(@Nullable Value value) throws ConfigRefused {
    Map<String, StringMatch> matches = new LinkedHashMap<>();
    if (value != null) {
      for (Map.Entry<String, Value> entry : value.map().all().entrySet()) {
        Fields fields = entry.getValue().map();
        StringMatch match = stringOrNull(fields);
        matches.put(
            entry.getKey(), match == null ? new StringMatch(StringMatch.Kind.PRESENT, "") : match);
        if (entry.getKey().startsWith("@")) {
          throw entry
              .getValue()
              .refused("matching on JWT claims is not implemented by the embedded control plane");
        }
      }
    }
    return matches;
  }

  static @Nullable StringMatch string(@Nullable Value value) throws ConfigRefused {
    if (value == null) {
      return null;
    }
    StringMatch match = stringOrNull(value.map());
    if (match == null) {
      throw value.refused("give exact, prefix or regex");
    }
    return match;
  }

  private static @Nullable StringMatch stringOrNull(Fields fields) throws ConfigRefused {
    fields.atMostOne("exact", "prefix", "regex");
    Value exact = fields.get("exact");
    Value prefix = fields.get("prefix");
    Value regex = fields.get("regex");
    fields.done();
    if (exact != null) {
      return new StringMatch(StringMatch.Kind.EXACT, exact.text());
    }
    if (prefix != null) {
      return new StringMatch(StringMatch.Kind.PREFIX, prefix.nonEmpty());
    }
    return regex == null ? null : new StringMatch(StringMatch.Kind.REGEX, Regexes.check(regex));
  }
}
