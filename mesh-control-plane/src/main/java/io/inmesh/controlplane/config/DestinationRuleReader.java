package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.TrafficPolicy.ConsistentHash;
import io.inmesh.controlplane.config.TrafficPolicy.LoadBalancer;
import io.inmesh.controlplane.config.TrafficPolicy.OutlierDetection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads DestinationRule. */
final class DestinationRuleReader {
  private DestinationRuleReader() {}

  static DestinationRule read(ObjectMeta meta, Fields spec) throws ConfigRefused {
    spec.notImplemented("workloadSelector");
    String host = Names.qualified(spec.require("host"), meta.namespace());
    Value policy = spec.get("trafficPolicy");
    List<DestinationRule.Subset> subsets = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Value subsetValues = spec.get("subsets");
    if (subsetValues != null) {
      for (Value item : subsetValues.nonEmptyList()) {
        Fields fields = item.map();
        Value name = fields.require("name");
        if (!seen.add(Names.object(name))) {
          throw name.refused("the subset \"" + name.text() + "\" is given twice");
        }
        Value labels = fields.get("labels");
        Value own = fields.get("trafficPolicy");
        subsets.add(
            new DestinationRule.Subset(
                name.text(),
                labels == null ? Map.of() : ServiceReader.labels(labels),
                own == null ? TrafficPolicy.NONE : policy(own, true)));
        fields.done();
      }
    }
    DestinationRule rule =
        new DestinationRule(
            meta,
            host,
            ServiceReader.visibility(spec),
            policy == null ? TrafficPolicy.NONE : policy(policy, true),
            List.copyOf(subsets));
    spec.done();
    return rule;
  }

  private static TrafficPolicy policy(Value value, boolean portsAllowed) throws ConfigRefused {
    Fields fields = value.map();
    fields.notImplemented("tunnel", "proxyProtocol", "retryBudget");
    Value balancer = fields.get("loadBalancer");
    Value pool = fields.get("connectionPool");
    Value outlier = fields.get("outlierDetection");
    Value tls = fields.get("tls");
    Map<Integer, TrafficPolicy> ports = new LinkedHashMap<>();
    if (portsAllowed) {
      Value levels = fields.get("portLevelSettings");
      if (levels != null) {
        for (Value level : levels.nonEmptyList()) {
          readPort(level, ports);
        }
      }
    } else {
      fields.get("port");
    }
    TrafficPolicy policy =
        new TrafficPolicy(
            balancer == null ? null : loadBalancer(balancer),
            pool == null ? null : ConnectionPoolReader.read(pool.map()),
            outlier == null ? null : outlierDetection(outlier.map()),
            tls == null ? null : ClientTlsReader.read(tls.map()),
            Map.copyOf(ports));
    fields.done();
    return policy;
  }

  private static void readPort(Value level, Map<Integer, TrafficPolicy> ports)
      throws ConfigRefused {
    Fields selector = level.map().require("port").map();
    Value number = selector.require("number");
    selector.done();
    if (ports.put(number.integer(1, 65535), policy(level, false)) != null) {
      throw number.refused("port " + number.integer(1, 65535) + " is given twice");
    }
  }

  private static LoadBalancer loadBalancer(Value value) throws ConfigRefused {
    Fields fields = value.map();
    fields.notImplemented("localityLbSetting", "warmup", "warmupDurationSecs");
    fields.atMostOne("simple", "consistentHash");
    Value simple = fields.get("simple");
    Value hash = fields.get("consistentHash");
    fields.done();
    if (hash != null) {
      return new LoadBalancer(LoadBalancer.Simple.LEAST_REQUEST, consistentHash(hash));
    }
    if (simple == null) {
      throw value.refused("give simple or consistentHash");
    }
    String text = simple.text();
    if (text.equals("UNSPECIFIED") || text.equals("LEAST_CONN")) {
      return new LoadBalancer(LoadBalancer.Simple.LEAST_REQUEST, null);
    }
    if (text.equals("PASSTHROUGH")) {
      throw simple.refused("PASSTHROUGH is not implemented by the embedded control plane");
    }
    return new LoadBalancer(simple.oneOf(LoadBalancer.Simple.class), null);
  }

  private static ConsistentHash consistentHash(Value value) throws ConfigRefused {
    Fields fields = value.map();
    fields.notImplemented("minimumRingSizePercent");
    fields.atMostOne("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName");
    fields.atMostOne("ringHash", "maglev", "minimumRingSize");
    String header = fields.text("httpHeaderName", "");
    Value cookie = fields.get("httpCookie");
    Value source = fields.get("useSourceIp");
    String parameter = fields.text("httpQueryParameterName", "");
    Value ring = fields.get("ringHash");
    Value maglev = fields.get("maglev");
    Value size = fields.get("minimumRingSize");
    fields.done();
    String cookieName = "";
    String cookiePath = "";
    Duration ttl = null;
    if (cookie != null) {
      Fields parts = cookie.map();
      parts.notImplemented("attributes");
      cookieName = parts.require("name").nonEmpty();
      cookiePath = parts.text("path", "");
      Value ttlValue = parts.get("ttl");
      ttl = ttlValue == null ? null : ttlValue.duration();
      parts.done();
    }
    boolean sourceIp = source != null && source.bool();
    if (header.isEmpty() && cookieName.isEmpty() && parameter.isEmpty() && !sourceIp) {
      throw value.refused("give httpHeaderName, httpCookie, useSourceIp or httpQueryParameterName");
    }
    long minimum = 1024;
    if (size != null) {
      minimum = size.integer(1, 8 * 1024 * 1024);
    }
    if (ring != null) {
      Fields parts = ring.map();
      Value own = parts.get("minimumRingSize");
      minimum = own == null ? minimum : own.integer(1, 8 * 1024 * 1024);
      parts.done();
    }
    long table = 0;
    if (maglev != null) {
      Fields parts = maglev.map();
      table = parts.require("tableSize").integer(2, 5_000_011);
      parts.done();
    }
    return new ConsistentHash(
        header, cookieName, cookiePath, ttl, sourceIp, parameter, minimum, table);
  }

  private static OutlierDetection outlierDetection(Fields fields) throws ConfigRefused {
    fields.notImplemented("consecutiveErrors");
    Value split = fields.get("splitExternalLocalOriginErrors");
    OutlierDetection detection =
        new OutlierDetection(
            count(fields.get("consecutive5xxErrors"), Integer.MAX_VALUE),
            count(fields.get("consecutiveGatewayErrors"), Integer.MAX_VALUE),
            split != null && split.bool(),
            count(fields.get("consecutiveLocalOriginFailures"), Integer.MAX_VALUE),
            ConnectionPoolReader.duration(fields.get("interval")),
            ConnectionPoolReader.duration(fields.get("baseEjectionTime")),
            count(fields.get("maxEjectionPercent"), 100),
            count(fields.get("minHealthPercent"), 100));
    fields.done();
    return detection;
  }

  private static int count(@Nullable Value value, int max) throws ConfigRefused {
    return value == null ? -1 : value.integer(0, max);
  }
}
