package io.inmesh.controlplane.config;

import java.util.regex.Pattern;

/** Names of hosts, namespaces and objects. */
final class Names {
  static final String DOMAIN = "svc.cluster.local";
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern OBJECT =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private Names() {}

  static String label(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (!LABEL.matcher(text).matches()) {
      throw value.refused(
          "\"" + text + "\" is not a name: lower case letters, digits and -, at most 63");
    }
    return text;
  }

  static String object(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (text.length() > 253 || !OBJECT.matcher(text).matches()) {
      throw value.refused(
          "\"" + text + "\" is not an object name: lower case letters, digits, - and .");
    }
    return text;
  }

  /** {@code *.name}. */
  static String wildcard(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (text.length() > 253
        || !text.startsWith("*.")
        || !OBJECT.matcher(text.substring(2)).matches()) {
      throw value.refused("\"" + text + "\" is not a host name or *.name");
    }
    return text;
  }

  static String hostName(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (text.contains("*")) {
      throw value.refused("a wildcard host is only implemented with resolution: NONE, as *.name");
    }
    if (text.length() > 253 || !OBJECT.matcher(text).matches()) {
      throw value.refused("\"" + text + "\" is not a host name");
    }
    return text;
  }

  /** As Istio: a name without a dot belongs to the namespace of the object that uses it. */
  static String qualified(Value value, String namespace) throws ConfigRefused {
    String host = hostName(value);
    return host.contains(".") ? host : host + "." + namespace + "." + DOMAIN;
  }
}
