package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.Sidecar.CaptureMode;
import io.inmesh.controlplane.config.Sidecar.Egress;
import io.inmesh.controlplane.config.Sidecar.HostPattern;
import io.inmesh.controlplane.config.Sidecar.Ingress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads Sidecar. */
final class SidecarReader {
  private SidecarReader() {}

  static Sidecar read(ObjectMeta meta, Fields spec) throws ConfigRefused {
    Value selector = spec.get("workloadSelector");
    Value policy = spec.get("outboundTrafficPolicy");
    Value pool = spec.get("inboundConnectionPool");
    Sidecar sidecar =
        new Sidecar(
            meta,
            selector == null ? Map.of() : selector(meta, selector),
            egress(spec.get("egress")),
            ingress(spec.get("ingress")),
            pool == null ? null : ConnectionPoolReader.read(pool.map()),
            policy == null ? null : policy(policy.map()));
    spec.done();
    return sidecar;
  }

  private static Map<String, String> selector(ObjectMeta meta, Value value) throws ConfigRefused {
    if (meta.namespace().equals(DocumentReader.ROOT_NAMESPACE)) {
      throw value.refused("in " + meta.namespace() + " a Sidecar is for the whole mesh");
    }
    Fields fields = value.map();
    Map<String, String> labels = ServiceReader.labels(fields.require("labels"));
    fields.done();
    if (labels.isEmpty()) {
      throw value.refused("an empty workloadSelector says nothing; leave it out or give labels");
    }
    return labels;
  }

  private static OutboundPolicy policy(Fields fields) throws ConfigRefused {
    fields.notImplemented("egressProxy");
    OutboundPolicy policy = fields.require("mode").oneOf(OutboundPolicy.class);
    fields.done();
    return policy;
  }

  private static List<Egress> egress(@Nullable Value value) throws ConfigRefused {
    List<Egress> egress = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    boolean rest = false;
    for (Value item : value == null ? List.<Value>of() : value.nonEmptyList()) {
      if (rest) {
        throw item.refused("a listener without a port takes the rest, so it must be the last one");
      }
      Fields fields = item.map();
      Value port = fields.get("port");
      String bind = bind(fields.get("bind"), port != null);
      CaptureMode capture = capture(fields.get("captureMode"));
      ServicePort read = port == null ? null : ServiceReader.port(port, false);
      if (read != null && !seen.add(bind + " " + read.number())) {
        throw item.refused("port " + read.number() + " is given twice");
      }
      rest = read == null;
      egress.add(new Egress(read, bind, capture, hosts(fields.require("hosts"))));
      fields.done();
    }
    return List.copyOf(egress);
  }

  private static List<HostPattern> hosts(Value value) throws ConfigRefused {
    List<HostPattern> hosts = new ArrayList<>();
    for (Value item : value.nonEmptyList()) {
      String text = item.nonEmpty();
      int slash = text.indexOf('/');
      String namespace = slash < 0 ? "*" : text.substring(0, slash);
      String host = text.substring(slash + 1);
      if (!namespace.matches("[*.~]|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
          || !host.matches("\\*|(\\*\\.)?[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")) {
        throw item.refused(
            "\""
                + text
                + "\" is not namespace/host; namespaces: a name, *, . or ~, hosts: a"
                + " name, *.name or *");
      }
      hosts.add(new HostPattern(namespace, host));
    }
    return List.copyOf(hosts);
  }

  private static List<Ingress> ingress(@Nullable Value value) throws ConfigRefused {
    List<Ingress> ingress = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (Value item : value == null ? List.<Value>of() : value.nonEmptyList()) {
      Fields fields = item.map();
      Value portValue = fields.require("port");
      ServicePort port = ServiceReader.port(portValue, false);
      if (!seen.add(port.number())) {
        throw portValue.refused("port " + port.number() + " is given twice");
      }
      Value endpoint = fields.get("defaultEndpoint");
      if (endpoint == null) {
        throw item.refused("defaultEndpoint is missing: where does the application listen?");
      }
      Value pool = fields.get("connectionPool");
      Value tls = fields.get("tls");
      if (tls != null) {
        tls(tls.map());
      }
      int colon = endpoint.nonEmpty().lastIndexOf(':');
      ingress.add(
          new Ingress(
              port,
              bind(fields.get("bind"), true),
              capture(fields.get("captureMode")),
              endpointHost(endpoint, colon),
              endpointPort(endpoint, colon),
              pool == null ? null : ConnectionPoolReader.read(pool.map()),
              tls != null));
      fields.done();
    }
    return List.copyOf(ingress);
  }

  private static void tls(Fields fields) throws ConfigRefused {
    fields.notImplemented(
        "credentialName", "subjectAltNames", "httpsRedirect", "cipherSuites", "caCrl");
    Value mode = fields.require("mode");
    if (!Set.of("SIMPLE", "MUTUAL").contains(mode.text())) {
      throw mode.refused("only SIMPLE and MUTUAL are implemented");
    }
    for (String name :
        List.of(
            "serverCertificate",
            "privateKey",
            "caCertificates",
            "minProtocolVersion",
            "maxProtocolVersion")) {
      Value value = fields.get(name);
      if (value != null) {
        value.nonEmpty();
      }
    }
    fields.done();
  }

  private static String endpointHost(Value endpoint, int colon) throws ConfigRefused {
    String host = colon < 0 ? "" : endpoint.text().substring(0, colon);
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (!Set.of("127.0.0.1", "::1", "0.0.0.0", "::").contains(bare)) {
      throw endpoint.refused(
          "\""
              + endpoint.text()
              + "\" is not one of 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT");
    }
    return bare;
  }

  private static int endpointPort(Value endpoint, int colon) throws ConfigRefused {
    try {
      int port = Integer.parseInt(endpoint.text().substring(colon + 1));
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw endpoint.refused("\"" + endpoint.text() + "\" does not end with a port");
  }

  private static String bind(@Nullable Value value, boolean portGiven) throws ConfigRefused {
    if (value == null) {
      return "";
    }
    if (!portGiven) {
      throw value.refused("bind needs a port");
    }
    return Addresses.ip(value);
  }

  private static CaptureMode capture(@Nullable Value value) throws ConfigRefused {
    return value == null ? CaptureMode.DEFAULT : value.oneOf(CaptureMode.class);
  }
}
