package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.HttpRule.HeaderOperations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a VirtualService rule does with a request. */
final class HttpActionReader {
  private static final Set<String> RETRY_ON =
      Set.of(
          "5xx",
          "gateway-error",
          "reset",
          "reset-before-request",
          "connect-failure",
          "envoy-ratelimited",
          "retriable-4xx",
          "refused-stream",
          "retriable-status-codes",
          "retriable-headers",
          "cancelled",
          "deadline-exceeded",
          "internal",
          "resource-exhausted",
          "unavailable");

  private HttpActionReader() {}

  static HttpRule read(String name, List<HttpRule.Match> matches, Fields fields, String namespace)
      throws ConfigRefused {
    fields.atMostOne("route", "redirect", "directResponse");
    fields.atMostOne("redirect", "rewrite");
    fields.atMostOne("redirect", "timeout");
    fields.atMostOne("redirect", "retries");
    fields.atMostOne("redirect", "fault");
    fields.atMostOne("directResponse", "rewrite");
    fields.atMostOne("directResponse", "timeout");
    fields.atMostOne("directResponse", "retries");
    fields.atMostOne("directResponse", "fault");
    fields.atMostOne("mirror", "mirrors");
    Value route = fields.get("route");
    Value redirect = fields.get("redirect");
    Value direct = fields.get("directResponse");
    if (route == null && redirect == null && direct == null) {
      throw fields.owner().refused("a rule needs route, redirect or directResponse");
    }
    Value rewrite = fields.get("rewrite");
    Value timeout = fields.get("timeout");
    Value retries = fields.get("retries");
    Value fault = fields.get("fault");
    Value cors = fields.get("corsPolicy");
    return new HttpRule(
        name,
        matches,
        route == null ? List.of() : destinations(route, namespace),
        redirect == null ? null : redirect(redirect.map()),
        direct == null ? null : directResponse(direct.map()),
        rewrite == null ? null : rewrite(rewrite),
        timeout == null ? Duration.ZERO : positive(timeout),
        retries == null ? null : retries(retries.map()),
        fault == null ? null : FaultReader.fault(fault),
        FaultReader.mirrors(fields, namespace),
        cors == null ? null : FaultReader.cors(cors.map()),
        headers(fields));
  }

  /** istiod refuses 0s as well: no timeout is said by leaving it out. */
  private static Duration positive(Value value) throws ConfigRefused {
    Duration duration = value.duration();
    if (duration.compareTo(Duration.ofMillis(1)) < 0) {
      throw value.refused("must be at least 1ms; leave the field out for no limit");
    }
    return duration;
  }

  private static List<HttpRule.Destination> destinations(Value value, String namespace)
      throws ConfigRefused {
    List<HttpRule.Destination> destinations = new ArrayList<>();
    List<Value> items = value.nonEmptyList();
    int sum = 0;
    for (Value item : items) {
      Fields fields = item.map();
      Value weightValue = fields.get("weight");
      int weight = weightValue == null ? 0 : weightValue.integer(0, 1_000_000);
      if (weightValue == null && items.size() == 1) {
        weight = 100;
      }
      destinations.add(
          destination(fields.require("destination"), namespace, weight, headers(fields)));
      sum += weight;
      fields.done();
    }
    if (sum == 0) {
      throw value.refused("the weights add up to 0, so no destination would get requests");
    }
    return List.copyOf(destinations);
  }

  static HttpRule.Destination destination(
      Value value, String namespace, int weight, HeaderOperations headers) throws ConfigRefused {
    Fields fields = value.map();
    String host = Names.qualified(fields.require("host"), namespace);
    Value subset = fields.get("subset");
    Value port = fields.get("port");
    int number = 0;
    if (port != null) {
      Fields selector = port.map();
      number = selector.require("number").integer(1, 65535);
      selector.done();
    }
    fields.done();
    return new HttpRule.Destination(
        host, subset == null ? "" : Names.object(subset), number, weight, headers);
  }

  private static HttpRule.Redirect redirect(Fields fields) throws ConfigRefused {
    fields.notImplemented("prefixRewrite");
    fields.atMostOne("port", "derivePort");
    Value port = fields.get("port");
    Value derive = fields.get("derivePort");
    Value code = fields.get("redirectCode");
    int redirectCode = code == null ? 301 : code.integer(300, 399);
    if (!Set.of(301, 302, 303, 307, 308).contains(redirectCode)) {
      throw fields.refusedAt(
          "redirectCode", redirectCode + " is not one of 301, 302, 303, 307, 308");
    }
    int number = port == null ? 0 : port.integer(1, 65535);
    if (derive != null) {
      number =
          switch (derive.text()) {
            case "FROM_PROTOCOL_DEFAULT" -> 0;
            case "FROM_REQUEST_PORT" -> -1;
            default ->
                throw derive.refused("one of FROM_PROTOCOL_DEFAULT, FROM_REQUEST_PORT is needed");
          };
    }
    HttpRule.Redirect redirect =
        new HttpRule.Redirect(
            fields.text("uri", ""),
            fields.text("authority", ""),
            fields.text("scheme", ""),
            number,
            redirectCode);
    fields.done();
    return redirect;
  }

  private static HttpRule.DirectResponse directResponse(Fields fields) throws ConfigRefused {
    int status = fields.require("status").integer(200, 599);
    Value body = fields.get("body");
    fields.done();
    if (body == null) {
      return new HttpRule.DirectResponse(status, null, null);
    }
    Fields content = body.map();
    content.atMostOne("string", "bytes");
    Value text = content.get("string");
    Value bytes = content.get("bytes");
    content.done();
    if (bytes != null) {
      try {
        return new HttpRule.DirectResponse(status, null, Base64.getDecoder().decode(bytes.text()));
      } catch (IllegalArgumentException e) {
        throw bytes.refused("this is not base64");
      }
    }
    return new HttpRule.DirectResponse(status, text == null ? "" : text.anyText(), null);
  }

  private static HttpRule.Rewrite rewrite(Value value) throws ConfigRefused {
    Fields fields = value.map();
    fields.atMostOne("uri", "uriRegexRewrite");
    String uri = fields.text("uri", "");
    String authority = fields.text("authority", "");
    Value regex = fields.get("uriRegexRewrite");
    fields.done();
    if (regex == null) {
      if (uri.isEmpty() && authority.isEmpty()) {
        throw value.refused("an empty rewrite says nothing");
      }
      return new HttpRule.Rewrite(uri, authority, "", "");
    }
    Fields parts = regex.map();
    HttpRule.Rewrite rewrite =
        new HttpRule.Rewrite(
            "", authority, Regexes.check(parts.require("match")), parts.require("rewrite").text());
    parts.done();
    return rewrite;
  }

  private static HttpRule.Retries retries(Fields fields) throws ConfigRefused {
    int attempts = fields.require("attempts").integer(0, 100);
    Value perTry = fields.get("perTryTimeout");
    Value retryOn = fields.get("retryOn");
    Value remote = fields.get("retryRemoteLocalities");
    Value ignore = fields.get("retryIgnorePreviousHosts");
    Value backoff = fields.get("backoff");
    fields.done();
    String conditions = retryOn == null ? "" : retryOn.nonEmpty();
    for (String condition : conditions.isEmpty() ? new String[0] : conditions.split(",", -1)) {
      String trimmed = condition.strip();
      if (!RETRY_ON.contains(trimmed) && !trimmed.matches("[1-5][0-9][0-9]") && retryOn != null) {
        throw retryOn.refused(
            "\"" + trimmed + "\" is not a retry condition of Envoy and not a status code");
      }
    }
    return new HttpRule.Retries(
        attempts,
        perTry == null ? null : positive(perTry),
        conditions,
        remote != null && remote.bool(),
        ignore == null || ignore.bool(),
        backoff == null ? null : positive(backoff));
  }

  private static HeaderOperations headers(Fields owner) throws ConfigRefused {
    Value value = owner.get("headers");
    if (value == null) {
      return HeaderOperations.NONE;
    }
    Fields fields = value.map();
    HeaderOperations operations =
        new HeaderOperations(changes(fields.get("request")), changes(fields.get("response")));
    fields.done();
    return operations;
  }

  private static HeaderOperations.Changes changes(@Nullable Value value) throws ConfigRefused {
    if (value == null) {
      return HeaderOperations.Changes.NONE;
    }
    Fields fields = value.map();
    Value set = fields.get("set");
    Value add = fields.get("add");
    Value remove = fields.get("remove");
    fields.done();
    return new HeaderOperations.Changes(
        headerMap(set), headerMap(add), remove == null ? List.of() : remove.texts());
  }

  private static Map<String, String> headerMap(@Nullable Value value) throws ConfigRefused {
    Map<String, String> headers = new LinkedHashMap<>();
    if (value != null) {
      for (Map.Entry<String, Value> entry : value.map().all().entrySet()) {
        if (!entry.getKey().matches("[-!#$%&'*+.^_`|~0-9A-Za-z]+")) {
          throw entry.getValue().refused("\"" + entry.getKey() + "\" is not a header name");
        }
        headers.put(entry.getKey(), entry.getValue().text());
      }
    }
    return headers;
  }
}
